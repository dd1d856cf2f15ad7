namespace Dipnet.Modules.Language;

/// <summary>How rotary positions are stretched beyond the context that a model was trained with, as <c>rope_scaling</c> of config.json says it.</summary>
public sealed record RopeScaling
{
    /// <summary><c>default</c>, <c>linear</c>, <c>dynamic</c>, <c>llama3</c> or <c>yarn</c>.</summary>
    public string Kind { get; init; } = "default";

    /// <summary>Stretch, at least 1.</summary>
    public double Factor { get; init; } = 1;

    /// <summary>Positions of the original training (llama3, yarn, dynamic).</summary>
    public int OriginalContext { get; init; }

    /// <summary>llama3: wavelengths longer than the original context over this are stretched in full.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>llama3: wavelengths shorter than the original context over this are kept.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>yarn: rotations over the original context above which a frequency is kept.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>yarn: rotations below which a frequency is stretched in full.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>yarn: factor on cosine and sine; null: derived from <see cref="Factor"/>.</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>yarn: numerator and denominator of the derived attention factor; used when both are given.</summary>
    public double? MScale { get; init; }

    public double? MScaleAllDimensions { get; init; }

    /// <summary>yarn: round the range of blended dimensions outwards to whole dimensions.</summary>
    public bool Truncate { get; init; } = true;
}
