namespace Dipnet.Worker.Planning;

/// <summary>The gradient's way in a step.</summary>
/// <param name="Buckets">Units of overlap.</param>
/// <param name="LargestBucket">Bytes of fp32.</param>
/// <param name="Gradient">Bytes of one gradient, fp32.</param>
/// <param name="SentPerWorker">Bytes on the wire from the worker that sends most: sums to those who reduce, its reduced slice to all. One host: read, not sent.</param>
/// <param name="SentTotal">By all workers.</param>
internal sealed record ExchangePlan(int Buckets, long LargestBucket, long Gradient, long SentPerWorker, long SentTotal);
