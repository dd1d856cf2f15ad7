namespace Dipnet.Coordinator.Catalog;

/// <summary>A request breaks rules; the message names each: thing, value, rule.</summary>
public sealed class JobRefusedException : Exception
{
    public JobRefusedException(IReadOnlyList<string> errors)
        : base(string.Join('\n', errors)) => Errors = errors;

    /// <summary>One line a broken rule.</summary>
    public IReadOnlyList<string> Errors { get; }
}
