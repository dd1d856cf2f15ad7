using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Dipnet.Exchange;

/// <summary>Runs a <see cref="SumPlan"/> over memory, block by block so that intermediate sums stay in the first-level cache. Not thread-safe.</summary>
internal sealed unsafe class TreeSum : IDisposable
{
    private const int Block = 2048;

    private readonly SumPlan plan;
    private readonly float* scratch;

    public TreeSum(SumPlan plan)
    {
        this.plan = plan;
        scratch = (float*)NativeMemory.AlignedAlloc((nuint)((plan.Depth + 1) * Block * sizeof(float)), 64);
    }

    public void Dispose() => NativeMemory.AlignedFree(scratch);

    /// <summary>destination[0, count) = the plan's root of the sources, one for each node of the plan.</summary>
    /// <param name="round">Round the result to bf16.</param>
    /// <param name="streaming">Store past the caches: the result is read by others, much later or not by this core.</param>
    public void Run(SumSource* sources, float* destination, long count, bool round, bool streaming)
    {
        var program = plan.Program;
        if (program.Length == 3 && !round && sources[0].Format == SourceFormat.Float && sources[1].Format == SourceFormat.Float)
        {
            Add((float*)sources[0].Pointer, (float*)sources[1].Pointer, destination, count, streaming);
            return;
        }

        var values = stackalloc float*[plan.Depth];
        for (long done = 0; done < count; done += Block)
        {
            var length = Math.Min(Block, count - done);
            var top = 0;
            for (var i = 0; i < program.Length; i++)
            {
                if (program[i] != SumPlan.Add)
                {
                    values[top] = Load(sources[program[i]], done, length, scratch + (top * Block));
                    top++;
                    continue;
                }

                top--;
                var target = i == program.Length - 1 && !round ? destination + done : scratch + ((top - 1) * Block);
                Add(values[top - 1], values[top], target, length, streaming && target == destination + done);
                values[top - 1] = target;
            }

            if (round)
            {
                BfloatCodec.Round(values[0], destination + done, length);
            }
            else if (values[0] != destination + done)
            {
                Buffer.MemoryCopy(values[0], destination + done, length * sizeof(float), length * sizeof(float));
            }
        }
    }

    private static float* Load(SumSource source, long offset, long count, float* place)
    {
        switch (source.Format)
        {
            case SourceFormat.Bfloat:
                BfloatCodec.Widen((ushort*)source.Pointer + offset, place, count);
                return place;
            case SourceFormat.FloatToRound:
                BfloatCodec.Round((float*)source.Pointer + offset, place, count);
                return place;
            default:
                return (float*)source.Pointer + offset;
        }
    }

    /// <summary>destination[i] = left[i] + right[i]; destination may be one of the operands.</summary>
    internal static void Add(float* left, float* right, float* destination, long count, bool streaming)
    {
        long i = 0;
        if (streaming && Avx.IsSupported && ((nint)destination & 31) == 0)
        {
            for (; i + 32 <= count; i += 32)
            {
                Avx.StoreAlignedNonTemporal(destination + i, Vector256.Load(left + i) + Vector256.Load(right + i));
                Avx.StoreAlignedNonTemporal(destination + i + 8, Vector256.Load(left + i + 8) + Vector256.Load(right + i + 8));
                Avx.StoreAlignedNonTemporal(destination + i + 16, Vector256.Load(left + i + 16) + Vector256.Load(right + i + 16));
                Avx.StoreAlignedNonTemporal(destination + i + 24, Vector256.Load(left + i + 24) + Vector256.Load(right + i + 24));
            }

            // Non-temporal stores are weakly ordered: the word that says "ready" must not overtake them.
            Sse.StoreFence();
        }

        for (; i + 16 <= count; i += 16)
        {
            (Vector256.Load(left + i) + Vector256.Load(right + i)).Store(destination + i);
            (Vector256.Load(left + i + 8) + Vector256.Load(right + i + 8)).Store(destination + i + 8);
        }

        for (; i < count; i++)
        {
            destination[i] = left[i] + right[i];
        }
    }
}
