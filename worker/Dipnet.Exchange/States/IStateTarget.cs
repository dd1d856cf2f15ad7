namespace Dipnet.Exchange;

/// <summary>Where a joining worker's state goes. Written from several threads at once, in ranges that do not overlap.</summary>
public interface IStateTarget
{
    /// <summary>Length of the state; must be the sources' length.</summary>
    long Bytes { get; }

    /// <summary>Takes verified bytes of the state.</summary>
    void Write(long offset, ReadOnlySpan<byte> source);
}
