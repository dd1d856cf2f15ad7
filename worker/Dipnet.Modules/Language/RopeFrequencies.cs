namespace Dipnet.Modules.Language;

/// <summary>Angles of rotary positions. Pure; the formulas are those of the models' reference implementation (arXiv 2104.09864, 2309.00071).</summary>
internal static class RopeFrequencies
{
    /// <summary>Radians per position for each pair of dimensions, and the factor on cosine and sine.</summary>
    /// <param name="headWidth">Dimensions of a head, even.</param>
    /// <param name="theta">Base of the geometric series.</param>
    /// <param name="scaling">Of the configuration.</param>
    /// <param name="length">Sequence length; only <c>dynamic</c> depends on it.</param>
    public static (double[] Frequencies, double Factor) Compute(int headWidth, double theta, RopeScaling scaling, long length)
    {
        var plain = Plain(headWidth, theta);
        return scaling.Kind switch
        {
            "default" => (plain, 1),
            "linear" => (Array.ConvertAll(plain, f => f / scaling.Factor), 1),
            "dynamic" => (Dynamic(headWidth, theta, scaling, length), 1),
            "llama3" => (Array.ConvertAll(plain, f => Llama3(f, scaling)), 1),
            "yarn" => (Yarn(plain, headWidth, theta, scaling), YarnFactor(scaling)),
            _ => throw new ArgumentException($"rope scaling '{scaling.Kind}' is not known", nameof(scaling)),
        };
    }

    static double[] Plain(int headWidth, double theta)
    {
        var frequencies = new double[headWidth / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            frequencies[i] = Math.Pow(theta, -2.0 * i / headWidth);
        }
        return frequencies;
    }

    static double[] Dynamic(int headWidth, double theta, RopeScaling scaling, long length)
    {
        var longest = Math.Max(length, scaling.OriginalContext);
        var stretch = scaling.Factor * longest / scaling.OriginalContext - (scaling.Factor - 1);
        return Plain(headWidth, theta * Math.Pow(stretch, headWidth / (headWidth - 2.0)));
    }

    static double Llama3(double frequency, RopeScaling scaling)
    {
        var rotations = scaling.OriginalContext * frequency / (2 * Math.PI);
        if (rotations < scaling.LowFrequencyFactor)
        {
            return frequency / scaling.Factor;
        }
        if (rotations > scaling.HighFrequencyFactor)
        {
            return frequency;
        }
        var smooth = (rotations - scaling.LowFrequencyFactor) / (scaling.HighFrequencyFactor - scaling.LowFrequencyFactor);
        return (1 - smooth) * frequency / scaling.Factor + smooth * frequency;
    }

    static double[] Yarn(double[] plain, int headWidth, double theta, RopeScaling scaling)
    {
        double Dimension(double rotations) =>
            headWidth * Math.Log(scaling.OriginalContext / (rotations * 2 * Math.PI)) / (2 * Math.Log(theta));
        var (low, high) = (Dimension(scaling.BetaFast), Dimension(scaling.BetaSlow));
        if (scaling.Truncate)
        {
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        }
        (low, high) = (Math.Max(low, 0), Math.Min(high, headWidth - 1));
        if (low == high)
        {
            high += 0.001;
        }
        var blended = new double[plain.Length];
        for (var i = 0; i < plain.Length; i++)
        {
            var stretched = Math.Clamp((i - low) / (high - low), 0, 1);
            blended[i] = plain[i] / scaling.Factor * stretched + plain[i] * (1 - stretched);
        }
        return blended;
    }

    static double YarnFactor(RopeScaling scaling)
    {
        double Scale(double weight) => scaling.Factor <= 1 ? 1 : 0.1 * weight * Math.Log(scaling.Factor) + 1;
        return scaling.AttentionFactor
            ?? (scaling is { MScale: { } numerator, MScaleAllDimensions: { } denominator } && numerator != 0 && denominator != 0
                ? Scale(numerator) / Scale(denominator)
                : Scale(1));
    }
}
