namespace Dipnet.Modules.Language;

/// <summary>Shape of a decoder model. All lengths are in elements.</summary>
public sealed record DecoderConfig
{
    public required DecoderFamily Family { get; init; }

    /// <summary><c>model_type</c> of config.json: llama, qwen2, mistral, gpt2.</summary>
    public required string ModelType { get; init; }

    public required int VocabularySize { get; init; }

    /// <summary>Of the residual stream.</summary>
    public required int Width { get; init; }

    /// <summary>Inner width of a block's feed-forward layer.</summary>
    public required int HiddenWidth { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    /// <summary>Heads that keys and values have; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    public required int HeadWidth { get; init; }

    /// <summary>Longest sequence, in tokens.</summary>
    public required int Context { get; init; }

    public double NormEpsilon { get; init; } = 1e-5;

    /// <summary>The head's weights are the embedding's.</summary>
    public bool TiedHead { get; init; }

    public bool QueryKeyValueBias { get; init; }

    /// <summary>Bias of attention's output projection.</summary>
    public bool OutputBias { get; init; }

    public bool FeedForwardBias { get; init; }

    public double RopeTheta { get; init; } = 10000;

    public RopeScaling RopeScaling { get; init; } = new();

    /// <summary>Tokens that a token sees, itself included; null: all before it.</summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Layers that see all tokens in spite of <see cref="SlidingWindow"/>.</summary>
    public IReadOnlyList<int> FullAttentionLayers { get; init; } = [];

    /// <summary>GPT-2: the exact GELU in place of its tanh approximation.</summary>
    public bool ExactGelu { get; init; }

    public int? BeginToken { get; init; }

    /// <summary>Tokens that end a text.</summary>
    public IReadOnlyList<int> EndTokens { get; init; } = [];

    /// <summary>Standard deviation of fresh weights.</summary>
    public double InitialDeviation { get; init; } = 0.02;

    /// <summary>Trainable elements without projections and adapters.</summary>
    public long ParameterCount
    {
        get
        {
            long width = Width, queries = (long)Heads * HeadWidth, keys = (long)KeyValueHeads * HeadWidth;
            var attention = width * (queries + 2 * keys) + queries * width
                + (QueryKeyValueBias ? queries + 2 * keys : 0) + (OutputBias ? width : 0);
            var forward = Family == DecoderFamily.Llama
                ? 3 * width * HiddenWidth + (FeedForwardBias ? 2L * HiddenWidth + width : 0)
                : 2 * width * HiddenWidth + HiddenWidth + width;
            var norm = Family == DecoderFamily.Llama ? width : 2 * width;
            var positions = Family == DecoderFamily.Gpt2 ? Context * width : 0;
            return VocabularySize * width * (TiedHead ? 1 : 2) + positions + Layers * (attention + forward + 2 * norm) + norm;
        }
    }
}
