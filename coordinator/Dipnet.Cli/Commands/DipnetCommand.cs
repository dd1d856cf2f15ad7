using System.CommandLine;
using Dipnet.Cli.Drills;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;

namespace Dipnet.Cli.Commands;

/// <summary>The whole command line.</summary>
internal static class DipnetCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Train with DIPNet layers on several workers; the result is the same bits for any number of them.");
        Command[] commands =
        [
            TrainCommand.Train(), TrainCommand.Resume(), DrillCommand.Create(), CheckpointCommand.Create(),
            ServeCommand.Create(), .. JobCommands.All(), .. WorkerCommands.ForHelp(),
        ];
        foreach (var command in commands)
        {
            root.Add(command);
        }

        return root;
    }

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

            var parse = Create().Parse(line);
            if (parse.Errors.Count > 0)
            {
                foreach (var error in parse.Errors)
                {
                    screen.Error(error.Message);
                }

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
