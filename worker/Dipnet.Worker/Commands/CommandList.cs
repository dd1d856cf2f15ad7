using System.CommandLine;
using Dipnet.Worker.Language;
using Dipnet.Worker.Planning;

namespace Dipnet.Worker.Commands;

/// <summary>Every command of the worker program.</summary>
internal static class CommandList
{
    public static IEnumerable<Command> All() =>
    [
        RunCommand.Create(),
        BenchCommand.Create(),
        DoctorCommand.Create(),
        DevicesCommand.Create(),
        CheckpointCommand.Create(),
        GenerateCommand.Create(),
        EvalCommand.Create(),
        PlanCommand.Create(),
    ];
}
