using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Dipnet.Cli.Drills;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;

namespace Dipnet.Cli.Commands;

/// <summary>The whole command line.</summary>
internal static class DipnetCommand
{
    /// <summary>The parser's own words.</summary>
    private const string CommandMissing = "Required command was not provided.";

    public static RootCommand Create()
    {
        var root = new RootCommand("Train with DIPNet layers on several workers; the result is the same bits for any number of them.") { HelpName = "dipnet" };
        Command[] commands =
        [
            TrainCommand.Train(), TrainCommand.Resume(), DrillCommand.Create(), PlanCommand.Create(), CheckpointCommand.Create(),
            ServeCommand.Create(), .. JobCommands.All(), .. WorkerCommands.ForHelp(),
        ];
        foreach (var command in commands)
        {
            root.Add(command);
        }

        if (Console.IsOutputRedirected && root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction help })
        {
            help.MaxWidth = Screen.Width;
        }

        return root;
    }

    private static IEnumerable<string> Names(SymbolResult? result) =>
        result is CommandResult command ? Names(command.Parent).Append(command.Command is RootCommand ? "dipnet" : command.Command.Name) : [];

    /// <summary>Runs a command line to its exit code.</summary>
    public static async Task<int> RunAsync(string[] line)
    {
        var screen = Screen.OfThisProcess(quiet: false);
        try
        {
            if (WorkerCommands.Arguments(line) is { } arguments)
            {
                return WorkerCommands.Become(arguments);
            }

            if (line.Length == 0)
            {
                await Create().Parse("--help").InvokeAsync();
                return ExitCode.Configuration;
            }

            var parse = Create().Parse(line);
            if (parse.Errors.Count > 0)
            {
                // A word that is no command is said once, not also as a command that is missing.
                foreach (var error in parse.Errors.Where(error => parse.UnmatchedTokens.Count == 0 || error.Message != CommandMissing))
                {
                    screen.Error(error.Message);
                }

                screen.Error($"`{string.Join(' ', Names(parse.CommandResult).Append("--help"))}` shows how it is used.");

                return ExitCode.Configuration;
            }

            // Signals are the commands' own: a job is cancelled before the command ends.
            return await parse.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
        }
        catch (CommandException exception)
        {
            screen.Error(exception.Message);
            return exception.Code;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Cancelled;
        }
    }
}
