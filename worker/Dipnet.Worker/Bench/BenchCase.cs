using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dipnet.Worker.Bench;

/// <summary>A measured case.</summary>
/// <param name="Case">Its name.</param>
/// <param name="Milliseconds">Median.</param>
/// <param name="RatioToCeiling">Time over the time that the ceiling would take; null when there is none.</param>
/// <param name="SamplesPerSecond">Of all workers together; null when it has no samples.</param>
/// <param name="Note">What is compared, and with what.</param>
/// <param name="BusGiBps">Gradient bytes that each worker must at least send, over the time; null when nothing is exchanged.</param>
/// <param name="CpuSecondsPerGiB">Processor time of all workers for each GiB that one sends to another: unlike wall time, what else the machine does hardly changes it.</param>
/// <param name="TokensPerSecond">Of all workers together; null when it has none.</param>
internal sealed record BenchCase(string Case, double Milliseconds, double? RatioToCeiling = null, double? SamplesPerSecond = null, string? Note = null,
    double? BusGiBps = null, double? CpuSecondsPerGiB = null, double? TokensPerSecond = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public void Print(bool json) => Console.WriteLine(json ? JsonSerializer.Serialize(this, Json) : Text());

    /// <summary>Median milliseconds of <paramref name="runs"/> runs after <paramref name="warmUp"/>.</summary>
    public static double Median(Action action, int runs, int warmUp)
    {
        var times = new List<double>();
        for (var i = 0; i < warmUp + runs; i++)
        {
            var begin = Stopwatch.GetTimestamp();
            action();
            if (i >= warmUp)
            {
                times.Add(Stopwatch.GetElapsedTime(begin).TotalMilliseconds);
            }
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private string Text() => $"{Case,-34} {Milliseconds,10:F2} ms"
        + (SamplesPerSecond is { } rate ? $" {rate,10:F1} samples/s" : "")
        + (TokensPerSecond is { } tokens ? $" {tokens,10:F0} tokens/s" : "")
        + (BusGiBps is { } bus ? $" {bus,8:F2} GiB/s" : "")
        + (CpuSecondsPerGiB is { } cpu ? $" {cpu,6:F2} CPU s/GiB" : "")
        + (RatioToCeiling is { } ratio ? $"  {ratio:F2} × ceiling" : "")
        + (Note is { } note ? $"  {note}" : "");
}
