using Dipnet.Modules.Language;

namespace Dipnet.Worker.Planning;

/// <summary>Shapes of models as the config.json that is published with each says; enough for a plan before a model is downloaded.</summary>
internal static class KnownDecoders
{
    private static readonly (string Name, DecoderConfig Config)[] All =
    [
        ("gpt2", Gpt2(768, 12, 12)),
        ("gpt2-medium", Gpt2(1024, 24, 16)),
        ("gpt2-large", Gpt2(1280, 36, 20)),
        ("gpt2-xl", Gpt2(1600, 48, 25)),
        ("Qwen2.5-0.5B", Llama("qwen2", 896, 4864, 24, 14, 2, 64, 151_936, 32_768, tied: true)),
        ("Qwen2.5-1.5B", Llama("qwen2", 1536, 8960, 28, 12, 2, 128, 151_936, 131_072, tied: true)),
        ("Qwen2.5-7B", Llama("qwen2", 3584, 18_944, 28, 28, 4, 128, 152_064, 131_072, tied: false)),
        ("SmolLM2-135M", Llama("llama", 576, 1536, 30, 9, 3, 64, 49_152, 8192, tied: true)),
        ("SmolLM2-360M", Llama("llama", 960, 2560, 32, 15, 5, 64, 49_152, 8192, tied: true)),
        ("SmolLM2-1.7B", Llama("llama", 2048, 8192, 24, 32, 32, 64, 49_152, 8192, tied: true)),
        ("TinyLlama-1.1B", Llama("llama", 2048, 5632, 22, 32, 4, 64, 32_000, 2048, tied: false)),
        ("Llama-3.2-1B", Llama("llama", 2048, 8192, 16, 32, 8, 64, 128_256, 131_072, tied: true)),
        ("Llama-2-7b", Llama("llama", 4096, 11_008, 32, 32, 32, 128, 32_000, 4096, tied: false)),
        ("Mistral-7B", Llama("mistral", 4096, 14_336, 32, 32, 8, 128, 32_000, 32_768, tied: false)),
    ];

    public static IEnumerable<string> Names => All.Select(static k => k.Name);

    /// <summary>The model whose name a folder's name is or begins with (Qwen2.5-0.5B-Instruct); null: none.</summary>
    public static (string Name, DecoderConfig Config)? Find(string folder)
    {
        var found = All.Where(k => folder.Equals(k.Name, StringComparison.OrdinalIgnoreCase) || folder.StartsWith(k.Name + "-", StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(static k => k.Name.Length).ToList();
        return found.Count > 0 ? found[0] : null;
    }

    private static DecoderConfig Gpt2(int width, int layers, int heads) => new()
    {
        Family = DecoderFamily.Gpt2,
        ModelType = "gpt2",
        VocabularySize = 50_257,
        Width = width,
        HiddenWidth = 4 * width,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = heads,
        HeadWidth = width / heads,
        Context = 1024,
        TiedHead = true,
        QueryKeyValueBias = true,
        OutputBias = true,
        FeedForwardBias = true,
    };

    private static DecoderConfig Llama(
        string type, int width, int hidden, int layers, int heads, int keyHeads, int headWidth, int vocabulary, int context, bool tied) => new()
        {
            Family = DecoderFamily.Llama,
            ModelType = type,
            VocabularySize = vocabulary,
            Width = width,
            HiddenWidth = hidden,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = keyHeads,
            HeadWidth = headWidth,
            Context = context,
            TiedHead = tied,
            QueryKeyValueBias = type == "qwen2",
        };
}
