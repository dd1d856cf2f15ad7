namespace Dipnet.Modules.Language;

/// <summary>How tokens are chosen and when a text ends.</summary>
public sealed record GenerationOptions
{
    /// <summary>Longest continuation, in tokens; at least 1. Default 256. A text also ends where the model's context does.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Divides log-probabilities before a token is drawn; at least 0. 0: always the most probable token (of equals the one with the lowest id). Default 1.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Draw from the k most probable tokens only; at least 0. Default 0: from all.</summary>
    public int TopK { get; init; }

    /// <summary>Draw from the fewest tokens whose probabilities, after <see cref="TopK"/>, sum to at least this; above 0, up to 1. Default 1: from all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Of the drawn tokens and of the projections' noise. Default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// 0 (the default): mode <c>mean</c>, projections are the identity. k ≥ 1: mode <c>sampled</c>, token probabilities are averaged over k trajectories, up to 1024.
    /// A model without projections gives the same for every k.
    /// </summary>
    public int Trajectories { get; init; }

    /// <summary>Texts that end a continuation; neither they nor a part of one is given out. None is empty.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Returns this, or throws with every setting that breaks its rule.</summary>
    /// <exception cref="ArgumentException">One line a setting: name, value, rule.</exception>
    public GenerationOptions Validated()
    {
        List<string> errors = [];
        void Require(bool holds, string name, object value, string rule)
        {
            if (!holds)
            {
                errors.Add(FormattableString.Invariant($"{name} = {value}: {rule}"));
            }
        }
        Require(MaxTokens >= 1, nameof(MaxTokens), MaxTokens, "must be at least 1");
        Require(Temperature >= 0 && double.IsFinite(Temperature), nameof(Temperature), Temperature, "must be finite and at least 0");
        Require(TopK >= 0, nameof(TopK), TopK, "must be at least 0");
        Require(TopP is > 0 and <= 1, nameof(TopP), TopP, "must be above 0 and at most 1");
        Require(Trajectories is >= 0 and <= 1024, nameof(Trajectories), Trajectories, "must be 0 … 1024");
        Require(Stop.All(static s => s.Length > 0), nameof(Stop), "\"\"", "must not be empty");
        return errors.Count == 0 ? this : throw new ArgumentException(string.Join(Environment.NewLine, errors));
    }
}
