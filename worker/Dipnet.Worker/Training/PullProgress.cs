namespace Dipnet.Worker.Training;

/// <summary>Keeps the most bytes that a pull has said to have. Thread-safe: stripes report side by side.</summary>
internal sealed class PullProgress : IProgress<long>
{
    private long _bytes;

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Report(long value)
    {
        for (var seen = Bytes; value > seen;)
        {
            var before = Interlocked.CompareExchange(ref _bytes, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
