using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dipnet.Modules;

/// <summary>
/// The Box–Muller transform of two random words into two independent standard normal values. Uses only addition, multiplication, fused
/// multiply-add and square root, which every machine rounds alike, so the bits are the same everywhere. |value| is at most 6.7.
/// </summary>
internal static class BoxMuller
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<float> First, Vector512<float> Second) Transform(Vector512<uint> radius, Vector512<uint> angle)
    {
        // u in (0, 1]: 31 bits and a half, so that the logarithm is finite.
        var u = (Vector512.ConvertToSingle((radius >>> 1).AsInt32()) + Vector512.Create(0.5f)) * Vector512.Create(1f / (1u << 31));
        var r = Vector512.Sqrt(Vector512.Create(-2f) * Log(u));
        // The two lowest bits choose the quadrant, the others the angle in it, in [−π/4, π/4].
        var a = Vector512.ConvertToSingle((angle & Vector512.Create(~3u)).AsInt32()) * Vector512.Create((float)(Math.PI / 4 / (1u << 31)));
        var z = a * a;
        var sin = Fma(a * z, Fma(z, Fma(z, Vector512.Create(-1.958789088e-04f), Vector512.Create(8.332748271e-03f)), Vector512.Create(-1.666666466e-01f)), a);
        var cos = Fma(z * z, Fma(z, Fma(z, Vector512.Create(2.454794209e-05f), Vector512.Create(-1.388830304e-03f)), Vector512.Create(4.166666466e-02f)),
            Fma(z, Vector512.Create(-0.5f), Vector512<float>.One));
        cos = (cos.AsUInt32() ^ (angle & Vector512.Create(2u)) << 30).AsSingle();
        var swap = Vector512.Equals(angle & Vector512<uint>.One, Vector512<uint>.One).AsSingle();
        return (r * Vector512.ConditionalSelect(swap, sin, cos), r * Vector512.ConditionalSelect(swap, cos, sin));
    }

    // ln x = e·ln 2 + ln(1 + m), 1 + m in [√½, √2): ln(1 + m) = m − m²/2 + m³·P(m), P of degree 7 interpolates at the Chebyshev points.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Log(Vector512<float> x)
    {
        var shifted = (x.AsInt32() - Vector512.Create(0x3F3504F3)) >> 23;
        var e = Vector512.ConvertToSingle(shifted);
        var m = (x.AsInt32() - (shifted << 23)).AsSingle() - Vector512<float>.One;
        var p = Vector512.Create(-7.902743772e-02f);
        p = Fma(p, m, Vector512.Create(1.262231985e-01f));
        p = Fma(p, m, Vector512.Create(-1.299818376e-01f));
        p = Fma(p, m, Vector512.Create(1.421449592e-01f));
        p = Fma(p, m, Vector512.Create(-1.664128146e-01f));
        p = Fma(p, m, Vector512.Create(2.000104509e-01f));
        p = Fma(p, m, Vector512.Create(-2.500030642e-01f));
        p = Fma(p, m, Vector512.Create(3.333333073e-01f));
        var z = m * m;
        var small = Fma(p, m * z, Fma(z, Vector512.Create(-0.5f), m));
        return Fma(e, Vector512.Create(0.69314718056f), small);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);
}
