using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>
/// Cosines and sines of rotary positions, made for the longest sequence seen and kept. Pairs are (i, i + half), as in the models' files.
/// One training thread.
/// </summary>
internal sealed class RotaryTable(DecoderConfig config) : IDisposable
{
    Tensor? _cosine, _sine;      // [length, 1, half]: broadcast over heads
    long _length;
    bool _stretched;             // made for one length of a dynamic scaling, so of no use for another

    /// <summary>Rows [<paramref name="first"/>, first + count) of both tables, [count, 1, half] each; the caller disposes them.</summary>
    public (Tensor Cosine, Tensor Sine) Rows(long first, long count, Device device)
    {
        var end = first + count;
        var exact = config.RopeScaling.Kind == "dynamic" && end > config.RopeScaling.OriginalContext;
        if (_cosine is null || end > _length || exact && end != _length || _stretched && !exact || _cosine.device_type != device.type)
        {
            Build(exact ? end : Math.Max(end, Math.Min(config.Context, 2 * _length)), device);
            _stretched = exact;
        }
        return (_cosine!.narrow(0, first, count), _sine!.narrow(0, first, count));
    }

    /// <summary>Rotates x, [b, length, heads, width], by the rows given, in x's precision, as the models' own code does.</summary>
    public static Tensor Rotate(Tensor x, Tensor cosine, Tensor sine)
    {
        using var scope = NewDisposeScope();
        if (x.dtype != cosine.dtype)
        {
            (cosine, sine) = (cosine.to(x.dtype), sine.to(x.dtype));
        }
        // Taken apart at once: backward puts the halves together.
        var halves = x.chunk(2, -1);
        var (first, second) = (halves[0], halves[1]);
        using var firstCosine = first.mul(cosine);
        using var secondCosine = second.mul(cosine);
        using var left = firstCosine.addcmul(second, sine, -1);
        using var right = secondCosine.addcmul(first, sine, 1);
        return cat([left, right], -1).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        _cosine?.Dispose();
        _sine?.Dispose();
    }

    void Build(long length, Device device)
    {
        Dispose();
        var (frequencies, factor) = RopeFrequencies.Compute(config.HeadWidth, config.RopeTheta, config.RopeScaling, length);
        var half = frequencies.Length;
        var cosine = new float[length * half];
        var sine = new float[length * half];
        for (long position = 0; position < length; position++)
        {
            for (var i = 0; i < half; i++)
            {
                // The reference multiplies in fp32; its angle is kept so that long positions agree.
                var angle = (double)((float)position * (float)frequencies[i]);
                cosine[position * half + i] = (float)(Math.Cos(angle) * factor);
                sine[position * half + i] = (float)(Math.Sin(angle) * factor);
            }
        }
        _cosine = tensor(cosine, [length, 1, half]).to(device).DetachFromDisposeScope();
        _sine = tensor(sine, [length, 1, half]).to(device).DetachFromDisposeScope();
        _length = length;
    }
}
