using System.Runtime.InteropServices;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Optimization;

namespace Dipnet.Worker.Tests.Optimization;

/// <summary>An optimizer over its own buffers.</summary>
internal sealed unsafe class Rig : IDisposable
{
    private readonly int _count;
    private readonly float* _buffers;
    private readonly FlatOptimizer _optimizer;

    public Rig(float[] parameters, IReadOnlyList<OptimizerSegment> segments, OptimizerSpec spec)
    {
        _count = parameters.Length;
        _buffers = (float*)NativeMemory.AllocZeroed((nuint)(3 * _count), sizeof(float));
        parameters.CopyTo(new Span<float>(_buffers, _count));
        _optimizer = new FlatOptimizer(spec, segments, _buffers, _buffers + _count, _buffers + 2 * _count);
    }

    public float[] Values() => new Span<float>(_buffers, _count).ToArray();

    public void Step(float[] gradient, ulong step, float scale, int[]? cuts = null)
    {
        fixed (float* g = gradient)
        {
            _optimizer.Step(new ReducedGradient(Spans(g, cuts ?? [0, gradient.Length])), step, 1, scale, scale);
        }
    }

    public (double Weights, double Projections) Norm(float[] gradient, int[]? cuts = null)
    {
        fixed (float* g = gradient)
        {
            return _optimizer.SumsOfSquares(new ReducedGradient(Spans(g, cuts ?? [0, gradient.Length])));
        }
    }

    public void Dispose() => NativeMemory.Free(_buffers);

    private static ReducedSpan[] Spans(float* gradient, int[] cuts) =>
        [.. cuts.Zip(cuts.Skip(1)).Select(c => new ReducedSpan((nint)(gradient + c.First), c.First, c.Second - c.First))];
}
