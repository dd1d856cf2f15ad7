namespace Dipnet.Exchange.Tests;

/// <summary>Puts the buckets of a step together as they come.</summary>
internal sealed class BucketTaker(GradientLayout layout)
{
    private readonly float[] _gradient = new float[layout.Elements];
    private readonly SemaphoreSlim _elements = new(0);

    public unsafe void Take(IReadOnlyList<ReducedSpan> spans)
    {
        foreach (var span in spans)
        {
            new Span<float>((void*)span.Pointer, (int)span.Count).CopyTo(_gradient.AsSpan((int)span.Offset));
            _elements.Release((int)span.Count);
        }
    }

    /// <summary>The step's gradient, once every element has come, which must be once.</summary>
    public async Task<float[]> WholeAsync()
    {
        for (long i = 0; i < layout.Elements; i++)
        {
            Assert.True(await _elements.WaitAsync(Cluster.Patience));
        }

        Assert.Equal(0, _elements.CurrentCount);
        return _gradient;
    }
}
