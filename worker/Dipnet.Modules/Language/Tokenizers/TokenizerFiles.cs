namespace Dipnet.Modules.Language;

/// <summary>Opens whatever tokenizer a file or a model folder has.</summary>
public static class TokenizerFiles
{
    /// <summary>The tokenizer at a path.</summary>
    /// <param name="path">A file, or a folder that has one.</param>
    /// <exception cref="ModelFormatException">Nothing that is known is there, or it is not supported.</exception>
    public static TextTokenizer Load(string path)
    {
        if (File.Exists(path) && path.EndsWith(".bin", StringComparison.OrdinalIgnoreCase))
        {
            return Llama2cTokenizer.Load(path);
        }
        throw new ModelFormatException(path, "is no tokenizer that is known; looked for a llama2.c tokenizer (.bin)");
    }
}
