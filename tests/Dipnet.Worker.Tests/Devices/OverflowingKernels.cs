using Dipnet.Worker.Devices;
using Dipnet.Worker.Optimization;

namespace Dipnet.Worker.Tests.Devices;

/// <summary>Kernels of a device on which the first element of every sum of leaves overflows.</summary>
internal sealed unsafe class OverflowingKernels : IDeviceKernels
{
    /// <summary>The one that the element belongs to.</summary>
    public const string Parameter = "positions";

    private readonly HostKernels _kernels = new();

    public void Add(nint sum, nint other, long count)
    {
        _kernels.Add(sum, other, count);
        *(float*)sum = float.PositiveInfinity;
    }

    public void SquareLanes(nint gradient, long count, nint lanes) => _kernels.SquareLanes(gradient, count, lanes);

    public void AdamW(nint parameter, nint first, nint second, nint gradient, long count, AdamWKernel rule) =>
        _kernels.AdamW(parameter, first, second, gradient, count, rule);

    public void Sgd(nint parameter, nint velocity, nint gradient, long count, SgdKernel rule) => _kernels.Sgd(parameter, velocity, gradient, count, rule);
}
