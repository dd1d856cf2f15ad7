namespace Dipnet.Coordinator.Jobs;

/// <summary>A rule between keys that does not hold. <see cref="Keys"/> are those that it ties together, the likeliest culprit first.</summary>
internal sealed record BrokenRule(IReadOnlyList<string> Keys, string Rule);
