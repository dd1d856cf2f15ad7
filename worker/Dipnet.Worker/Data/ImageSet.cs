namespace Dipnet.Worker.Data;

/// <summary>
/// Labelled images in memory, one byte a pixel, [sample, channel, row, column]. Immutable and safe to share between threads.
/// </summary>
/// <param name="Channels">Colour planes.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Classes">Number of labels; labels are 0 … Classes − 1.</param>
/// <param name="White">The byte value of full intensity: a pixel is byte / White, in [0, 1].</param>
/// <param name="Pixels">All samples, Channels · Height · Width bytes each.</param>
/// <param name="Labels">One a sample.</param>
public sealed record ImageSet(int Channels, int Height, int Width, int Classes, byte White, ReadOnlyMemory<byte> Pixels, ReadOnlyMemory<byte> Labels)
{
    /// <summary>Values of one sample.</summary>
    public int SampleSize => Channels * Height * Width;

    public int Count => Labels.Length;

    /// <summary>Writes the samples' pixels as floats in [0, 1], one after the other, and their labels.</summary>
    /// <param name="ids">Sample numbers in this set.</param>
    /// <param name="pixels">At least ids.Length · SampleSize values.</param>
    /// <param name="labels">At least ids.Length values.</param>
    public void Fill(ReadOnlySpan<int> ids, Span<float> pixels, Span<long> labels)
    {
        var source = Pixels.Span;
        var scale = 1f / White;
        for (var i = 0; i < ids.Length; i++)
        {
            var from = source.Slice(ids[i] * SampleSize, SampleSize);
            var to = pixels.Slice(i * SampleSize, SampleSize);
            for (var j = 0; j < from.Length; j++)
            {
                to[j] = from[j] * scale;
            }

            labels[i] = Labels.Span[ids[i]];
        }
    }

    /// <summary>The first <paramref name="count"/> samples, or all when there are fewer or it is 0.</summary>
    public ImageSet Take(int count) => count == 0 || count >= Count
        ? this
        : this with { Pixels = Pixels[..(count * SampleSize)], Labels = Labels[..count] };

    /// <summary>The samples <paramref name="ids"/> as a set of their own.</summary>
    public ImageSet Select(ReadOnlySpan<int> ids)
    {
        var pixels = new byte[ids.Length * SampleSize];
        var labels = new byte[ids.Length];
        for (var i = 0; i < ids.Length; i++)
        {
            Pixels.Span.Slice(ids[i] * SampleSize, SampleSize).CopyTo(pixels.AsSpan(i * SampleSize));
            labels[i] = Labels.Span[ids[i]];
        }

        return this with { Pixels = pixels, Labels = labels };
    }
}
