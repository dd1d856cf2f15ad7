using System.CommandLine;
using Dipnet.Cli.Hosting;

namespace Dipnet.Cli.Commands;

/// <summary>Commands that are the worker program's: this process becomes it, with the arguments as they are.</summary>
internal static class WorkerCommands
{
    private static readonly (string Name, string Description)[] Passed =
    [
        ("generate", "Continue a text with a language model (generate MODEL --prompt TEXT)."),
        ("eval", "Measure a language model on word problems (eval MODEL --task gsm8k|svamp|mawps|arithmetic)."),
        ("bench", "Measure the exchange, a step, optimizers, projections, generation, checkpoints."),
        ("doctor", "Say what this machine has and what is wrong with it."),
    ];

    /// <summary>For the list of commands in the help; the arguments never reach the parser.</summary>
    public static IEnumerable<Command> ForHelp() =>
        Passed.Select(command => new Command(command.Name, command.Description))
            .Append(new Command("worker", "Wait for work from a coordinator (--coordinator URL)."));

    /// <summary>The worker program's own arguments when the line is one of its commands; else null.</summary>
    public static string[]? Arguments(string[] line) => line switch
    {
        ["worker", ..] => line,
        ["checkpoint", "verify" or "export", ..] => line,
        [var name, ..] when Passed.Any(command => command.Name == name) => line,
        _ => null,
    };

    public static int Become(string[] arguments) => WorkerProgram.Become(arguments);
}
