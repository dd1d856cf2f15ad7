namespace Dipnet.Modules;

/// <summary>Which block a parameter belongs to.</summary>
public static class BlockIndex
{
    /// <summary>Index of the block that holds the parameter, by its full name; −1: in front of all blocks (its gradient is complete when backward returns).</summary>
    public static int Of(IBlockModel model, string parameterName)
    {
        for (var i = model.Blocks.Count - 1; i >= 0; i--)
        {
            var name = model.Blocks[i].Name;
            if (parameterName.Length > name.Length && parameterName[name.Length] == '.' && parameterName.StartsWith(name, StringComparison.Ordinal))
                return i;
        }
        return -1;
    }
}
