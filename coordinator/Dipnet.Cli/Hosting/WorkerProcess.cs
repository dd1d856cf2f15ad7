using System.Diagnostics;

namespace Dipnet.Cli.Hosting;

/// <summary>One worker process that this command started. Thread-safe.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const int LinesKept = 20;

    private readonly Process _process;
    private readonly Queue<string> _lines = new();
    private readonly List<string> _strikes = [];

    private WorkerProcess(int index, Process process)
    {
        Index = index;
        _process = process;
    }

    /// <summary>From 0, in the order of start.</summary>
    public int Index { get; }

    public int ProcessId => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Ends with the process's exit code: 128 + n when signal n ended it.</summary>
    public Task<int> Exited { get; private set; } = Task.FromResult(0);

    /// <summary>The newest lines that it wrote.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Every line in which it said that it strikes itself for a drill.</summary>
    public IReadOnlyList<string> Strikes
    {
        get
        {
            lock (_lines)
            {
                return [.. _strikes];
            }
        }
    }

    /// <summary>Starts a worker on a device that ends with its job, and with this process.</summary>
    public static WorkerProcess Start(int index, Uri coordinator, string device, uint threads)
    {
        string[] arguments = ["run", "--coordinator", coordinator.ToString(), "--parent", $"{Environment.ProcessId}", "--device", device, "--once"];
        var process = Process.Start(WorkerProgram.Start(arguments, threads))
            ?? throw new CommandException(ExitCode.Missing, "the worker program could not be started");
        var worker = new WorkerProcess(index, process);
        process.OutputDataReceived += (_, line) => worker.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => worker.Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        worker.Exited = worker.WaitAsync();
        return worker;
    }

    /// <summary>SIGKILL; nothing when it has ended.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose() => _process.Dispose();

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Enqueue(line);
            if (line.StartsWith("drill: ", StringComparison.Ordinal))
            {
                _strikes.Add(line);
            }

            if (_lines.Count > LinesKept)
            {
                _lines.Dequeue();
            }
        }
    }
}
