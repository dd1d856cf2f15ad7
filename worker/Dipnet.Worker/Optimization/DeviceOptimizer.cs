using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Protos;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Optimization;

/// <summary>
/// Norms and updates in a device's memory, with the bits of <see cref="FlatOptimizer"/>. A sum of several workers is copied to the device while it arrives.
/// The norms are all that is waited for; the update is queued, and the device's next computation stands behind it.
/// </summary>
internal sealed unsafe class DeviceOptimizer : IUpdate, IDisposable
{
    private readonly OptimizerSpec _spec;
    private readonly ParameterLayout _layout;
    private readonly IReadOnlyList<OptimizerSegment> _segments;
    private readonly DeviceState _state;
    private readonly DeviceStaging _staging;
    private readonly IDeviceCopies _copies;
    private readonly IDeviceKernels _kernels;
    private readonly Tensor _lanes;
    private readonly nint _hostLanes;
    private readonly int _weightsLanes, _projectionsLanes;
    private nint _sum;

    public DeviceOptimizer(OptimizerSpec spec, ParameterLayout layout, DeviceState state, DeviceStaging staging, Device device, Accelerator accelerator)
    {
        (_spec, _layout, _segments, _state, _staging) = (spec, layout, layout.Segments(), state, staging);
        (_copies, _kernels) = accelerator;
        _weightsLanes = checked((int)GradientNorm.LanesOf(layout.WeightsElements));
        _projectionsLanes = checked((int)GradientNorm.LanesOf(layout.Elements - layout.WeightsElements));
        _lanes = torch.empty([_weightsLanes + _projectionsLanes], ScalarType.Float64, device).DetachFromDisposeScope();
        _hostLanes = _copies.AllocateHost((_weightsLanes + _projectionsLanes) * sizeof(double));
    }

    public (double Weights, double Projections) SumsOfSquares(ReducedGradient gradient)
    {
        _sum = _staging.Sum(gradient.Slot);
        var lanes = BlobTensor.Pointer(_lanes);
        var weights = _layout.WeightsElements;
        _kernels.SquareLanes(_sum, weights, lanes);
        if (_projectionsLanes > 0)
        {
            _kernels.SquareLanes(_sum + (nint)weights * sizeof(float), _layout.Elements - weights, lanes + _weightsLanes * sizeof(double));
        }

        var copy = _copies.ToHost(lanes, _hostLanes, (_weightsLanes + _projectionsLanes) * sizeof(double));
        _copies.Wait(copy);
        _copies.Release(copy);
        return (GradientNorm.OfLanes(new ReadOnlySpan<double>((void*)_hostLanes, _weightsLanes)),
            GradientNorm.OfLanes(new ReadOnlySpan<double>((double*)_hostLanes + _weightsLanes, _projectionsLanes)));
    }

    public void Step(ReducedGradient gradient, ulong step, double rateFactor, float weightsScale, float projectionsScale)
    {
        foreach (var (offset, count, group, decays) in _segments)
        {
            var (rules, scale) = group == ParameterGroup.Weights ? (_spec.Weights, weightsScale) : (_spec.Projections, projectionsScale);
            var at = (nint)offset * sizeof(float);
            if (rules.Kind == "sgd")
            {
                _kernels.Sgd(_state.Parameters + at, _state.First + at, _sum + at, count, SgdKernel.Of(rules, decays, rateFactor, scale));
            }
            else
            {
                _kernels.AdamW(_state.Parameters + at, _state.First + at, _state.Second + at, _sum + at, count, AdamWKernel.Of(rules, decays, step, rateFactor, scale));
            }
        }

        _state.Changed();
    }

    public void Dispose()
    {
        _copies.FreeHost(_hostLanes);
        _lanes.Dispose();
    }
}
