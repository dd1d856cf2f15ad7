using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dipnet.Modules;

/// <summary>
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011): a keyed bijection of a 128-bit counter.
/// </summary>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53, Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9, Weyl1 = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>The four words of one counter.</summary>
    public static (uint X0, uint X1, uint X2, uint X3) Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (var round = 0; round < Rounds; round++, k0 += Weyl0, k1 += Weyl1)
        {
            var p0 = (ulong)Multiplier0 * c0;
            var p1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>
    /// The words of sixteen counters that differ in their lowest word: <paramref name="first"/>, first + 1, …; lane i of each result belongs to first + i.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blocks16(in NoiseStream stream, uint first, out Vector512<uint> x0, out Vector512<uint> x1, out Vector512<uint> x2, out Vector512<uint> x3)
    {
        // Words live in the lower halves of 64-bit lanes, where one multiplication gives both halves of a product. What is left in the upper
        // halves is never read: multiplication takes the lower ones. Two vectors hold the even and the odd counters.
        var a0 = Vector512.Create((ulong)first) + Vector512.Create(0UL, 2, 4, 6, 8, 10, 12, 14);
        var b0 = a0 + Vector512.Create(1UL);
        Vector512<ulong> a1 = Vector512.Create((ulong)stream.Counter1), b1 = a1;
        Vector512<ulong> a2 = Vector512.Create((ulong)stream.Counter2), b2 = a2;
        Vector512<ulong> a3 = Vector512.Create((ulong)stream.Counter3), b3 = a3;
        var m0 = Vector512.Create((ulong)Multiplier0);
        var m1 = Vector512.Create((ulong)Multiplier1);
        uint k0 = stream.Key0, k1 = stream.Key1;
        for (var round = 0; round < Rounds; round++, k0 += Weyl0, k1 += Weyl1)
        {
            var key0 = Vector512.Create((ulong)k0);
            var key1 = Vector512.Create((ulong)k1);
            Vector512<ulong> p = Multiply(a0, m0), q = Multiply(a2, m1);
            (a0, a1, a2, a3) = ((q >>> 32) ^ a1 ^ key0, q, (p >>> 32) ^ a3 ^ key1, p);
            p = Multiply(b0, m0);
            q = Multiply(b2, m1);
            (b0, b1, b2, b3) = ((q >>> 32) ^ b1 ^ key0, q, (p >>> 32) ^ b3 ^ key1, p);
        }
        x0 = Interleave(a0, b0);
        x1 = Interleave(a1, b1);
        x2 = Interleave(a2, b2);
        x3 = Interleave(a3, b3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Multiply(Vector512<ulong> a, Vector512<ulong> b)
    {
        if (Avx512F.IsSupported)
            return Avx512F.Multiply(a.AsUInt32(), b.AsUInt32());
        if (Avx2.IsSupported)
        {
            return Vector512.Create(
                Avx2.Multiply(a.GetLower().AsUInt32(), b.GetLower().AsUInt32()), Avx2.Multiply(a.GetUpper().AsUInt32(), b.GetUpper().AsUInt32()));
        }
        var low = Vector512.Create(0xFFFFFFFFUL);
        return (a & low) * (b & low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Interleave(Vector512<ulong> even, Vector512<ulong> odd) =>
        Vector512.ConditionalSelect(Vector512.Create(0xFFFFFFFFUL), even, odd << 32).AsUInt32();
}
