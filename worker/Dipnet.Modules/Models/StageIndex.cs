namespace Dipnet.Modules;

/// <summary>Which stage a parameter belongs to.</summary>
public static class StageIndex
{
    /// <summary>Index of the last stage that names a module around the parameter; −1: in front of all stages (its gradient is complete when backward returns).</summary>
    public static int Of(IStagedModel model, string parameterName)
    {
        for (var i = model.Stages.Count - 1; i >= 0; i--)
        {
            if (model.Stages[i].Any(module => Holds(module, parameterName)))
                return i;
        }
        return -1;
    }

    private static bool Holds(string module, string parameterName) =>
        parameterName.Length > module.Length && parameterName[module.Length] == '.' && parameterName.StartsWith(module, StringComparison.Ordinal);
}
