namespace Dipnet.Exchange;

/// <summary>"Look again": any thread sets it without blocking, one waits for it. Signals that nobody has waited for yet count as one.</summary>
internal sealed class StreamSignal : IDisposable
{
    private readonly SemaphoreSlim semaphore = new(0);
    private int set;

    public void Set()
    {
        if (Interlocked.Exchange(ref set, 1) == 0)
        {
            semaphore.Release();
        }
    }

    public async Task WaitAsync(CancellationToken cancellation)
    {
        await semaphore.WaitAsync(cancellation).ConfigureAwait(false);
        Volatile.Write(ref set, 0);
    }

    public void Dispose() => semaphore.Dispose();
}
