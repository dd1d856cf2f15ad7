namespace Dipnet.Exchange.Tests;

/// <summary>A training state in an array.</summary>
internal sealed class Bytes(byte[] content, ulong committedSteps) : IStateSource, IStateTarget
{
    long IStateSource.Bytes => content.Length;

    long IStateTarget.Bytes => content.Length;

    public ulong CommittedSteps => committedSteps;

    public byte[] Content => content;

    public void Read(long offset, Span<byte> destination) => content.AsSpan((int)offset, destination.Length).CopyTo(destination);

    public void Write(long offset, ReadOnlySpan<byte> source) => source.CopyTo(content.AsSpan((int)offset));
}
