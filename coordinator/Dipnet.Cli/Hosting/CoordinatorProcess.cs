using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dipnet.Cli.Connections;

namespace Dipnet.Cli.Hosting;

/// <summary>A coordinator as a process of its own (<c>dipnet serve</c>), which can be killed and started again at the same address.</summary>
internal sealed class CoordinatorProcess : IAsyncDisposable
{
    public static readonly TimeSpan StartTime = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly string _runDirectory;
    private readonly int _port;
    private readonly TimeProvider _time;
    private Process? _process;

    public CoordinatorProcess(string runDirectory, TimeProvider time)
    {
        _runDirectory = runDirectory;
        _time = time;
        _port = FreePort();
    }

    public Uri Control => new($"http://127.0.0.1:{_port}");

    /// <summary>Starts the process and waits until it answers.</summary>
    /// <exception cref="CommandException">It ended, or did not answer in time.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(WorkerProgram.DotnetHost())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in new[]
        {
            Path.Combine(AppContext.BaseDirectory, "Dipnet.Cli.dll"), "serve", "--quiet", "--port", $"{_port}", "--dashboard-port", "0",
            "--run-dir", _runDirectory, "--parent", $"{Environment.ProcessId}",
        })
        {
            start.ArgumentList.Add(argument);
        }

        var errors = new List<string>();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => errors.Add(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;

        var begun = _time.GetTimestamp();
        using var client = new JobClient(Control, _time);
        while (true)
        {
            try
            {
                await client.ListAsync(1, cancellation);
                return;
            }
            catch (CommandException) when (!process.HasExited && _time.GetElapsedTime(begun) < StartTime)
            {
                await Task.Delay(Pause, _time, cancellation);
            }
            catch (CommandException)
            {
                throw new CommandException(ExitCode.Failed, $"the coordinator process did not start: {string.Join(' ', errors).Trim()}");
            }
        }
    }

    /// <summary>SIGKILL, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
