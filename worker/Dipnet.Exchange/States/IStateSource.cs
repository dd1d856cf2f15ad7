namespace Dipnet.Exchange;

/// <summary>The training state at a step boundary as one run of bytes, read by workers that join. Read from any thread.</summary>
public interface IStateSource
{
    /// <summary>Length of the state; the same on every worker of a job.</summary>
    long Bytes { get; }

    /// <summary>Steps whose result is in the state.</summary>
    ulong CommittedSteps { get; }

    /// <summary>Copies state from an offset on. The state does not change while a generation catches up.</summary>
    void Read(long offset, Span<byte> destination);
}
