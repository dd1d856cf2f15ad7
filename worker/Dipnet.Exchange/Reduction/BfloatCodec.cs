using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dipnet.Exchange;

/// <summary>bfloat16 as the wire has it: the upper half of fp32, rounded to nearest, ties to even; NaN stays NaN.</summary>
internal static unsafe class BfloatCodec
{
    public static void Narrow(float* source, ushort* destination, long count)
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            var low = Vector256.ShiftRightLogical(Round(Vector256.Load((uint*)source + i)), 16);
            var high = Vector256.ShiftRightLogical(Round(Vector256.Load((uint*)source + i + 8)), 16);
            Vector256.Narrow(low, high).Store(destination + i);
        }

        for (; i < count; i++)
        {
            destination[i] = (ushort)(Round(((uint*)source)[i]) >> 16);
        }
    }

    public static void Widen(ushort* source, float* destination, long count)
    {
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(source + i));
            Vector256.ShiftLeft(low, 16).Store((uint*)destination + i);
            Vector256.ShiftLeft(high, 16).Store((uint*)destination + i + 8);
        }

        for (; i < count; i++)
        {
            ((uint*)destination)[i] = (uint)source[i] << 16;
        }
    }

    /// <summary>Rounds to the nearest value that bf16 can hold and keeps it as fp32. Source and destination may be the same.</summary>
    public static void Round(float* source, float* destination, long count)
    {
        long i = 0;
        for (; i + 8 <= count; i += 8)
        {
            (Round(Vector256.Load((uint*)source + i)) & Vector256.Create(0xFFFF0000u)).Store((uint*)destination + i);
        }

        for (; i < count; i++)
        {
            ((uint*)destination)[i] = Round(((uint*)source)[i]) & 0xFFFF0000u;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Round(Vector256<uint> bits)
    {
        var even = Vector256.ShiftRightLogical(bits, 16) & Vector256<uint>.One;
        var rounded = bits + Vector256.Create(0x7FFFu) + even;
        var values = bits.AsSingle();
        return Vector256.ConditionalSelect(Vector256.Equals(values, values).AsUInt32(), rounded, bits | Vector256.Create(0x00400000u));
    }

    private static uint Round(uint bits) =>
        float.IsNaN(BitConverter.UInt32BitsToSingle(bits)) ? bits | 0x00400000u : bits + 0x7FFFu + ((bits >> 16) & 1u);
}
