namespace Dipnet.Worker.Planning;

/// <summary>Elements of a model's parameters. <paramref name="Total"/> is the sum of weights (adapters among them) and projections; frozen ones are in it.</summary>
internal sealed record ParameterCounts(long Total, long Weights, long Projections, long Trained, long Frozen);
