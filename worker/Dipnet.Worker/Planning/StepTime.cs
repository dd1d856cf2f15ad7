namespace Dipnet.Worker.Planning;

/// <summary>Seconds of a step.</summary>
/// <param name="Device">Its name.</param>
/// <param name="Basis">What is assumed of it.</param>
/// <param name="TeraflopsPerSecond">Matrix products, 10¹² operations a second, as they are reached.</param>
/// <param name="ComputeSeconds">Forward and backward of the worker that has most.</param>
/// <param name="ExchangeSeconds">Bytes over bandwidth; null: no bandwidth is given. Buckets leave during backward, so a step takes between the larger and the sum.</param>
internal sealed record StepTime(string Device, string Basis, double TeraflopsPerSecond, double ComputeSeconds, double? ExchangeSeconds);
