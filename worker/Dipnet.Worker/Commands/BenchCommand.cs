using System.CommandLine;
using Dipnet.Worker.Bench;

namespace Dipnet.Worker.Commands;

/// <summary><c>bench</c>: measurements, each with its ceiling or peer beside it; one JSON line a case with <c>--json</c>.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measure parts of this program on this machine.")
    {
        OptimizerBench.Create(),
        DipnetBench.Create(),
        GenerateBench.Create(),
        StepBench.Create(),
        LanguageBench.Create(),
        StepWorker.Create(),
        ExchangeBench.Create(),
        ExchangeBenchWorker.Create(),
        CheckpointBench.Create(),
    };
}
