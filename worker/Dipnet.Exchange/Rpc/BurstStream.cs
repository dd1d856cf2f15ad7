namespace Dipnet.Exchange;

/// <summary>
/// Reads from a socket in large pieces and hands them on in small ones. The HTTP/2 client asks for 16 KiB at a time and wakes the stream's reader after
/// each; with a burst at hand it goes through many frames without a system call or a change of thread. One reader and one writer at a time.
/// </summary>
internal sealed class BurstStream(Stream inner) : Stream
{
    private const int BurstBytes = 256 * 1024;

    private readonly byte[] burst = GC.AllocateUninitializedArray<byte>(BurstBytes, pinned: true);
    private int first;
    private int end;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <remarks>A read of nothing waits until there is something to read.</remarks>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        first < end ? new ValueTask<int>(Take(buffer.Span)) : FillAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (first == end)
        {
            (first, end) = (0, inner.Read(burst));
        }

        return Take(buffer);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> FillAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        (first, end) = (0, await inner.ReadAsync(burst, cancellation).ConfigureAwait(false));
        return Take(buffer.Span);
    }

    private int Take(Span<byte> target)
    {
        var count = Math.Min(target.Length, end - first);
        burst.AsSpan(first, count).CopyTo(target);
        first += count;
        return count;
    }
}
