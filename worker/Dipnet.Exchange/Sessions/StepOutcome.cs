namespace Dipnet.Exchange;

/// <summary>How a step's exchange ended.</summary>
public abstract record StepOutcome
{
    private StepOutcome()
    {
    }

    /// <summary>Every bucket's result is readable at <see cref="ExchangeSession.Reduced"/>.</summary>
    public sealed record Reduced : StepOutcome;

    /// <summary>The membership changes; this worker's nodes are kept.</summary>
    /// <param name="LostRank">A rank whose data was lacking, or null.</param>
    public sealed record Interrupted(string Reason, int? LostRank) : StepOutcome;
}
