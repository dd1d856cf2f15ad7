using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Optimization;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>Where a job's parameters, gradients and moments are and are changed: in the host's flat buffers, or in a device's with the host's as their copy.</summary>
/// <param name="Staging">Gradients.</param>
/// <param name="Update">Norms and updates.</param>
/// <param name="Device">State of a device; null on the CPU.</param>
/// <param name="Copies">Of a device; null on the CPU.</param>
internal sealed record TrainingMemory(IGradientStaging Staging, IUpdate Update, DeviceState? Device, IDeviceCopies? Copies) : IDisposable
{
    /// <param name="parameters">In layout order; they become views of the memory.</param>
    /// <param name="state">The host's; its parameters become the model's.</param>
    /// <param name="arena">The host's gradients.</param>
    /// <param name="optimizer">Options of both groups.</param>
    /// <param name="device">Of the parameters.</param>
    /// <param name="accelerator">Of the device; null on the CPU.</param>
    public static unsafe TrainingMemory Of(
        IReadOnlyList<TrainableParameter> parameters, TrainingState state, GradientArena arena, OptimizerSpec optimizer, Device device, Accelerator? accelerator)
    {
        if (accelerator is null)
        {
            var update = new FlatOptimizer(optimizer, state.Layout.Segments(), state.Parameters, state.First, state.Second);
            return new TrainingMemory(new SharedStaging(parameters, state, arena), update, null, null);
        }

        var deviceState = new DeviceState(parameters, state, device, accelerator.Copies);
        var staging = new DeviceStaging(parameters, state.Layout, arena, device, accelerator);
        return new TrainingMemory(staging, new DeviceOptimizer(optimizer, state.Layout, deviceState, staging, device, accelerator), deviceState, accelerator.Copies);
    }

    /// <summary>Makes the host's state what training has reached: before anybody reads it.</summary>
    public void ToHost() => Device?.ToHost();

    /// <summary>Reads the host's state as it is at this step: at once, or beside a device that goes on.</summary>
    public void Read(Action read)
    {
        if (Device is null)
        {
            read();
        }
        else
        {
            Device.ReadBeside(read);
        }
    }

    /// <summary>The host's state was changed, and training goes on from it.</summary>
    public void FromHost() => Device?.FromHost();

    public void Dispose()
    {
        Staging.Dispose();
        (Update as IDisposable)?.Dispose();
        Device?.Dispose();
        Copies?.Dispose();
    }
}
