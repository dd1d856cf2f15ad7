using Dipnet.Exchange;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Optimization;

namespace Dipnet.Worker.Tests.Devices;

/// <summary>Kernels of a device whose memory is the host's and that computes at once.</summary>
internal sealed unsafe class HostKernels : IDeviceKernels
{
    public void Add(nint sum, nint other, long count) => GradientSum.Add((float*)sum, (float*)other, (float*)sum, count);

    public void SquareLanes(nint gradient, long count, nint lanes)
    {
        new Span<double>((void*)lanes, (int)GradientNorm.LanesOf(count)).Clear();
        for (long i = 0; i < count; i++)
        {
            var value = (double)((float*)gradient)[i];
            ((double*)lanes)[i / 65536 * 16 + i % 16] += value * value;
        }
    }

    public void AdamW(nint parameter, nint first, nint second, nint gradient, long count, AdamWKernel rule) =>
        rule.Apply((float*)parameter, (float*)first, (float*)second, (float*)gradient, count);

    public void Sgd(nint parameter, nint velocity, nint gradient, long count, SgdKernel rule) => rule.Apply((float*)parameter, (float*)velocity, (float*)gradient, count);
}
