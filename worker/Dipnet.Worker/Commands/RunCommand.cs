using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Control;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;
using Dipnet.Worker.Training;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;
using Command = System.CommandLine.Command;

namespace Dipnet.Worker.Commands;

/// <summary><c>worker</c>, or <c>run</c>: the worker process. Connects to a coordinator, waits for jobs and trains them.</summary>
internal static class RunCommand
{
    private const string DefaultCoordinator = "http://127.0.0.1:5080";
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    public static Command Create()
    {
        var coordinator = new Option<Uri>("--coordinator")
        {
            Description = "Address of the coordinator; else the environment's DIPNET_COORDINATOR.",
            HelpName = "URL",
            DefaultValueFactory = result => Address(Environment.GetEnvironmentVariable("DIPNET_COORDINATOR") ?? DefaultCoordinator, "DIPNET_COORDINATOR", result)!,
            CustomParser = result => Address(result.Tokens[0].Value, "--coordinator", result),
        };
        var once = new Option<bool>("--once") { Description = "End after the first job, with its exit code." };
        var host = new Option<string>("--host") { HelpName = "NAME", Description = "Name or address by which other workers reach this one; else loopback for a local coordinator, this machine's name for another." };
        var parent = new Option<int>("--parent") { Description = "Process to end with; 0: none.", Hidden = true };
        var name = new Option<string>("--name") { HelpName = "NAME", Description = "Name of this worker; else machine and process." };
        var device = new Option<string>("--device") { Description = "auto, cpu, cuda or cuda:N; auto: the first GPU, else the CPU.", HelpName = "DEVICE", DefaultValueFactory = _ => "auto" };
        var command = new Command("worker", "Connect to a coordinator and train its jobs.") { coordinator, once, host, parent, name, device };
        command.Aliases.Add("run");
        command.SetAction((parse, cancellation) => RunAsync(
            new RunOptions(
                parse.GetRequiredValue(coordinator), parse.GetValue(once), parse.GetValue(host) ?? "", parse.GetValue(parent), parse.GetValue(name) ?? "", parse.GetValue(device)!),
            cancellation));
        return command;
    }

    private static Uri? Address(string text, string source, ArgumentResult result)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        result.AddError($"{source} {text}: must be an address like {DefaultCoordinator}");
        return null;
    }

    private static async Task<int> RunAsync(RunOptions options, CancellationToken cancellation)
    {
        ParentWatch.Start(options.Parent);
        using var logging = LoggerFactory.Create(b => b.AddSimpleConsole(o => o.SingleLine = true).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Grpc", LogLevel.Error));
        Device device;
        try
        {
            device = WorkerDevice.Take(options.Device, Console.Error.WriteLine);
        }
        catch (DeviceException e)
        {
            Console.Error.WriteLine(e.Message);
            return e.Code;
        }

        await using var exchange = await ExchangeHost.StartAsync(options.Exchange(logging), cancellation);
        using var mailbox = new Mailbox();
        var progress = new WorkerProgress();
        var id = options.Name.Length > 0 ? options.Name : $"{Environment.MachineName}-{Environment.ProcessId}";
        Hello Hello() => new()
        {
            WorkerId = id,
            Host = Environment.MachineName,
            HostIdentity = HostIdentities.Current(),
            ProcessId = Environment.ProcessId,
            Device = device.ToString(),
            Endpoints = exchange.Endpoints,
            Version = ProcessFacts.Version,
            JobId = progress.Job,
            Generation = progress.Generation,
            CommittedSteps = progress.CommittedSteps,
        };
        var link = new ControlLink(
            new ControlLinkOptions { Coordinator = options.Coordinator }, Hello, progress, mailbox, TimeProvider.System, logging.CreateLogger("Dipnet.Worker"));
        var leave = new Leave(link);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Ask(context, leave, mailbox, "SIGTERM"));
        // A terminal's Ctrl-C reaches the whole process group: the command that started this worker decides then.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            if (options.Parent == 0)
            {
                Ask(context, leave, mailbox, "SIGINT");
            }
        });

        using var life = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var connection = Task.Run(() => link.RunAsync(life.Token), CancellationToken.None);
        _ = connection.ContinueWith(task => Refused(task, mailbox), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        var context = new WorkerContext { WorkerId = id, Exchange = exchange, Reporter = link, Progress = progress, Leave = leave, Device = device };
        var code = await TrainOnOneThread(new CommandLoop(context, mailbox, options.Once));
        await link.FlushAsync(LastWords);
        await life.CancelAsync();
        return code;
    }

    private static void Ask(PosixSignalContext context, Leave leave, Mailbox mailbox, string signal)
    {
        context.Cancel = !leave.IsRequested;   // the second signal ends the process at once
        leave.Request(signal);
        mailbox.PostLeave();
    }

    private static void Refused(Task<string?> connection, Mailbox mailbox)
    {
        if (connection is { IsCompletedSuccessfully: true, Result: { } refusal })
        {
            Console.Error.WriteLine($"the coordinator refuses this worker: {refusal}");
            mailbox.PostEnd();
        }
        else if (connection.IsFaulted)
        {
            Console.Error.WriteLine(connection.Exception!.GetBaseException().Message);
            mailbox.PostEnd();
        }
    }

    // Tensors, dispose scopes and autograd state belong to one thread for the worker's life.
    private static Task<int> TrainOnOneThread(CommandLoop loop)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                done.SetResult(loop.Run());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, 16 << 20)
        { Name = "training" };
        thread.Start();
        return done.Task;
    }
}
