using Dipnet.Protos;

namespace Dipnet.Worker.Control;

/// <summary>Takes what a worker has to say to the coordinator. Thread-safe; never blocks and never throws.</summary>
internal interface IReporter
{
    /// <summary>Sends a message; those that decide the job's course are sent again after a reconnect.</summary>
    void Send(WorkerMessage message);

    /// <summary>Adds a step's report to the next batch.</summary>
    void Report(ulong generation, StepReport step);

    /// <summary>Writes a line to standard output and sends it.</summary>
    void Log(string line);
}
