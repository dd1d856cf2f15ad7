namespace Dipnet.Modules;

/// <summary>The method's settings (arXiv 2506.04690): where projections stand, how wide they start and what the objective asks of them.</summary>
public sealed record ProjectionOptions
{
    /// <summary>Initial standard deviation of every projection; above 0, up to 10. Default 0.1.</summary>
    public float Sigma { get; init; } = 0.1f;

    /// <summary>Weight of Σ λ; at least 0. Default 1e-4.</summary>
    public float Alpha { get; init; } = 1e-4f;

    /// <summary>Weight of −Σ ln λ; at least 0. The penalty alone is least at λ = β/α. Default 1e-5.</summary>
    public float Beta { get; init; } = 1e-5f;

    /// <summary>Weight of the variance of the outputs over trajectories; at least 0; above 0 needs two trajectories. Default 0.</summary>
    public float Gamma { get; init; }

    /// <summary>k: forward passes with fresh noise per sample in training; 1 … 1024. Default 1.</summary>
    public int Trajectories { get; init; } = 1;

    /// <summary>Which inputs are projected. Default: every block's.</summary>
    public ProjectionPlace Where { get; init; } = ProjectionPlace.Blocks;

    /// <summary>Project the network's own input as well, one λ per pixel. Default true.</summary>
    public bool Input { get; init; } = true;

    /// <summary>Returns this, or throws with every setting that breaks its rule.</summary>
    /// <exception cref="ArgumentException">One line a setting: name, value, rule.</exception>
    public ProjectionOptions Validated()
    {
        List<string> errors = [];
        void Require(bool holds, string name, object value, string rule)
        {
            if (!holds)
                errors.Add($"{name} = {value}: {rule}");
        }
        Require(Sigma is > 0 and <= 10, nameof(Sigma), Sigma, "must be above 0 and at most 10");
        Require(Alpha >= 0 && float.IsFinite(Alpha), nameof(Alpha), Alpha, "must be finite and at least 0");
        Require(Beta >= 0 && float.IsFinite(Beta), nameof(Beta), Beta, "must be finite and at least 0");
        Require(Gamma >= 0 && float.IsFinite(Gamma), nameof(Gamma), Gamma, "must be finite and at least 0");
        Require(Trajectories is >= 1 and <= 1024, nameof(Trajectories), Trajectories, "must be 1 … 1024");
        Require(Gamma == 0 || Trajectories >= 2, nameof(Trajectories), Trajectories, $"must be at least 2 where {nameof(Gamma)} is above 0 (it is {Gamma})");
        Require(Enum.IsDefined(Where), nameof(Where), Where, $"must be one of {string.Join(", ", Enum.GetNames<ProjectionPlace>())}");
        return errors.Count == 0 ? this : throw new ArgumentException(string.Join(Environment.NewLine, errors));
    }
}
