using System.CommandLine;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Control;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;
using Dipnet.Worker.Training;
using Google.Protobuf;
using static TorchSharp.torch;

namespace Dipnet.Worker.Bench;

/// <summary>A worker process of <c>bench step</c>: takes a coordinator's messages from standard input and answers on standard output, a line in base 64 each. Ends with its input.</summary>
internal sealed class StepWorker : IReporter
{
    private readonly Lock _gate = new();
    private readonly TextWriter _output = Console.Out;

    public static System.CommandLine.Command Create()
    {
        var laneRate = new Option<long?>("--lane-rate") { Description = "Bytes a second of a lane, over TCP." };
        var device = BenchDevice.DeviceOption();
        var command = new System.CommandLine.Command("step-worker", "A worker of bench step and bench language.") { laneRate, device };
        command.Hidden = true;
        command.SetAction((parse, cancellation) => new StepWorker().RunAsync(
            WorkerDevice.Take(parse.GetValue(device)!, Console.Error.WriteLine),
            parse.GetValue(laneRate) is { } rate ? new ExchangeHostOptions { UnixSockets = false, LaneBytesPerSecond = rate } : new ExchangeHostOptions(), cancellation));
        return command;
    }

    public void Send(WorkerMessage message)
    {
        lock (_gate)
        {
            _output.WriteLine(message.ToByteString().ToBase64());
            _output.Flush();
        }
    }

    public void Report(ulong generation, StepReport step) => Send(new WorkerMessage { Steps = new StepReports { Generation = generation, Steps = { step } } });

    public void Log(string line)
    {
    }

    private async Task<int> RunAsync(Device device, ExchangeHostOptions listen, CancellationToken cancellation)
    {
        await using var exchange = await ExchangeHost.StartAsync(listen, cancellation);
        using var mailbox = new Mailbox();
        var context = new WorkerContext
        {
            WorkerId = $"{Environment.ProcessId}",
            Exchange = exchange,
            Reporter = this,
            Progress = new WorkerProgress(),
            Leave = new Leave(this),
            Device = device,
            DigestEvery = 0,
            Workloads = (job, device) => job.Data.Name == "random" ? new ClassificationWorkload(job, BenchJobs.RandomImages(), device) : WorkloadFactory.Create(job, device),
        };
        Send(new WorkerMessage { Hello = new Hello { WorkerId = context.WorkerId, HostIdentity = HostIdentities.Current(), Endpoints = exchange.Endpoints } });
        var training = new Thread(() => new CommandLoop(context, mailbox, once: true).Run(), 16 << 20) { Name = "training" };
        training.Start();
        while (await Console.In.ReadLineAsync(cancellation) is { } line)
        {
            mailbox.Post(CoordinatorMessage.Parser.ParseFrom(ByteString.FromBase64(line)));
        }

        mailbox.PostEnd();
        training.Join();
        return ExitCode.Completed;
    }
}
