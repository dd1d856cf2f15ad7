using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Language;

/// <summary>Models of every family that compute in a millisecond.</summary>
internal static class SmallDecoders
{
    public const int Vocabulary = 50;

    /// <summary>By <c>model_type</c>; "tied" is a Llama whose head is its embedding, as SmolLM's.</summary>
    public static DecoderConfig Config(string type) => new()
    {
        Family = type == "gpt2" ? DecoderFamily.Gpt2 : DecoderFamily.Llama,
        ModelType = type == "tied" ? "llama" : type,
        VocabularySize = Vocabulary,
        Width = 32,
        HiddenWidth = 48,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = type == "gpt2" ? 4 : 2,
        HeadWidth = 8,
        Context = 40,
        TiedHead = type is "gpt2" or "tied",
        QueryKeyValueBias = type is "gpt2" or "qwen2",
        OutputBias = type == "gpt2",
        FeedForwardBias = type == "gpt2",
        SlidingWindow = type == "mistral" ? 6 : null,
        BeginToken = 1,
        EndTokens = [2, 3],
    };

    public static DecoderModel Create(string type, ProjectionOptions? projections = null, AdapterOptions? adapters = null)
    {
        var model = DecoderModel.Create(Config(type), 7);
        if (projections is not null)
        {
            model.AddProjections(projections);
        }
        if (adapters is not null)
        {
            model.AttachAdapters(adapters, 3);
            Disturb(model);
        }
        return model;
    }

    /// <summary>Token ids [2, 20].</summary>
    public static Tensor Tokens() => tensor(Enumerable.Range(0, 40).Select(i => (long)(i * 7 % Vocabulary)).ToArray()).view(2, 20);

    // B starts at zero; an adapter that does nothing would hide what is wrong with it.
    static void Disturb(DecoderModel model)
    {
        using var guard = no_grad();
        foreach (var (name, parameter) in model.named_parameters().Where(p => p.name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
        {
            using var values = KeyedTensor.Normal(parameter.shape, new NoiseKey(11, 0, 0), CPU, name.Length);
            parameter.copy_(values.mul_(0.1));
        }
    }
}
