using System.CommandLine;
using System.Net;
using Dipnet.Cli.Hosting;
using Dipnet.Cli.Output;
using Dipnet.Coordinator.Hosting;
using Dipnet.Coordinator.Storage;
using Microsoft.Extensions.Logging;

namespace Dipnet.Cli.Commands;

/// <summary><c>dipnet serve</c>: the coordinator as a process of its own, until SIGTERM or Ctrl-C.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { HelpName = "N", Description = "Port of the control service for workers and clients; 0: any.", DefaultValueFactory = _ => 5080 };
        var dashboardPort = new Option<int>("--dashboard-port") { HelpName = "N", Description = "Port of dashboard, REST and metrics; 0: any.", DefaultValueFactory = _ => 5081 };
        var address = new Option<string>("--address") { HelpName = "IP", Description = "Address to listen on; 0.0.0.0 for workers on other hosts.", DefaultValueFactory = _ => "127.0.0.1" };
        var host = new Option<string?>("--host") { HelpName = "NAME", Description = "Name or address by which others reach this machine." };
        var runs = new Option<string>("--run-dir") { HelpName = "DIR", Description = "Folder of the runs and of the durable state.", DefaultValueFactory = _ => "runs" };
        var quiet = new Option<bool>("--quiet") { Description = "Write errors only." };
        var parent = new Option<int>("--parent") { Description = "Stop when this process is gone.", Hidden = true };
        var command = new Command("serve", "Run the coordinator as a process of its own.") { port, dashboardPort, address, host, runs, quiet, parent };
        command.SetAction((parse, _) =>
        {
            var text = parse.GetRequiredValue(address);
            var listen = IPAddress.TryParse(text, out var parsed)
                ? parsed
                : throw new CommandException(ExitCode.Configuration, $"--address {text}: must be an IP address");
            return RunAsync(
                new CoordinatorOptions
                {
                    RunDirectory = Path.GetFullPath(parse.GetRequiredValue(runs)),
                    Address = listen,
                    Host = parse.GetValue(host),
                    ControlPort = parse.GetValue(port),
                    DashboardPort = parse.GetValue(dashboardPort),
                    // The silo's own chatter is for its developers.
                    Logging = logging => logging.SetMinimumLevel(LogLevel.Error)
                        .AddFilter("Dipnet", parse.GetValue(quiet) ? LogLevel.Error : LogLevel.Information)
                        .AddSimpleConsole(o => o.SingleLine = true),
                },
                parse.GetValue(parent),
                Screen.OfThisProcess(parse.GetValue(quiet)));
        });
        return command;
    }

    private static async Task<int> RunAsync(CoordinatorOptions options, int parent, Screen screen)
    {
        using var interruption = new Interruption();
        CoordinatorHost host;
        try
        {
            host = await CoordinatorHost.StartAsync(options, interruption.Token);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StateFileException)
        {
            throw new CommandException(ExitCode.Failed, $"the coordinator cannot start: {exception.Message}");
        }

        await using (host)
        {
            screen.Say($"coordinator {host.ControlAddress}");
            screen.Say($"dashboard {host.DashboardAddress}");
            try
            {
                await (parent == 0 ? Task.Delay(Timeout.InfiniteTimeSpan, interruption.Token) : ParentWatch.GoneAsync(parent, TimeProvider.System, interruption.Token));
            }
            catch (OperationCanceledException)
            {
                screen.Say("stopping; jobs go on when the coordinator is back");
            }
        }

        return ExitCode.Completed;
    }
}
