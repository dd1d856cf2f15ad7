using Dipnet.Exchange;
using Dipnet.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>
/// A device's staging: flat parameters and one flat gradient on the device, copied through a host buffer that is pinned when the device is a GPU. The host
/// adds, so the order of additions is the one that the CPU has.
/// </summary>
internal sealed unsafe class CopyStaging : IGradientStaging
{
    private readonly TrainingState _state;
    private readonly GradientArena _arena;
    private readonly Tensor _deviceParameters, _deviceGradient, _hostGradient, _hostParameters;

    public CopyStaging(IReadOnlyList<TrainableParameter> parameters, TrainingState state, GradientArena arena, Device device)
    {
        (_state, _arena) = (state, arena);
        var elements = state.Layout.Elements;
        _deviceParameters = torch.zeros([elements], ScalarType.Float32, device).DetachFromDisposeScope();
        _deviceGradient = torch.zeros([elements], ScalarType.Float32, device).DetachFromDisposeScope();
        var host = torch.zeros([elements]);
        _hostGradient = device.type == DeviceType.CUDA ? host.pin_memory().DetachFromDisposeScope() : host.DetachFromDisposeScope();
        _hostParameters = BlobTensor.FromPointer((nint)state.Parameters, [elements]).DetachFromDisposeScope();
        using var none = torch.no_grad();
        for (var i = 0; i < parameters.Count; i++)
        {
            var place = state.Layout.Places[i];
            using var view = _deviceParameters.narrow(0, place.Offset, place.Count).view(place.Shape);
            view.copy_(parameters[i].Parameter);
            parameters[i].Parameter.set_(view);
            using var gradient = _deviceGradient.narrow(0, place.Offset, place.Count).view(place.Shape);
            parameters[i].Parameter.grad = gradient;
        }

        _hostParameters.copy_(_deviceParameters);
    }

    public void Bind(int slot, bool onto) => _deviceGradient.zero_();

    public void Collect(int slot, bool onto, long from, long to)
    {
        using var source = _deviceGradient.narrow(0, from, to - from);
        using var destination = _hostGradient.narrow(0, from, to - from);
        destination.copy_(source);
        var leaf = (float*)BlobTensor.Pointer(_hostGradient) + from;
        var target = _arena.Slot(slot) + from;
        if (onto)
        {
            GradientSum.Add(target, leaf, target, to - from);
        }
        else
        {
            Buffer.MemoryCopy(leaf, target, (to - from) * sizeof(float), (to - from) * sizeof(float));
        }
    }

    public void ParametersChanged()
    {
        using var none = torch.no_grad();
        _deviceParameters.copy_(_hostParameters);
    }

    public void Dispose()
    {
        _deviceParameters.Dispose();
        _deviceGradient.Dispose();
        _hostGradient.Dispose();
        _hostParameters.Dispose();
    }
}
