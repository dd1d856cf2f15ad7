using Dipnet.Modules;
using Dipnet.Worker.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>
/// The state while a device trains: the same flat buffers in its memory, of which the model's parameters are views. The host's <see cref="TrainingState"/> follows
/// when somebody is about to read it: a checkpoint, a digest, a worker that joins. Training thread only.
/// </summary>
internal sealed unsafe class DeviceState : IDisposable
{
    private readonly TrainingState _state;
    private readonly IDeviceCopies _copies;
    private readonly Tensor[] _buffers;
    private bool _ahead;
    private Task _reading = Task.CompletedTask;

    /// <param name="parameters">In layout order; they become views of one buffer on the device.</param>
    /// <param name="state">Its parameters become the model's.</param>
    /// <param name="device">Of the parameters.</param>
    /// <param name="copies">Of the device.</param>
    public DeviceState(IReadOnlyList<TrainableParameter> parameters, TrainingState state, Device device, IDeviceCopies copies)
    {
        (_state, _copies) = (state, copies);
        _buffers = [.. state.Buffers.Select(_ => torch.zeros([state.Layout.Elements], ScalarType.Float32, device).DetachFromDisposeScope())];
        using var none = torch.no_grad();
        for (var i = 0; i < parameters.Count; i++)
        {
            var place = state.Layout.Places[i];
            using var view = _buffers[0].narrow(0, place.Offset, place.Count).view(place.Shape);
            view.copy_(parameters[i].Parameter);
            parameters[i].Parameter.set_(view);
        }

        _copies.Pin((nint)state.At(0), state.Bytes);
        Changed();
        ToHost();
    }

    public nint Parameters => BlobTensor.Pointer(_buffers[0]);

    /// <summary>First moment of AdamW or velocity of SGD.</summary>
    public nint First => BlobTensor.Pointer(_buffers[1]);

    /// <summary>Second moment of AdamW; zero when no group has it.</summary>
    public nint Second => _buffers.Length > 2 ? BlobTensor.Pointer(_buffers[2]) : 0;

    /// <summary>What is queued for computation changes the device's buffers.</summary>
    public void Changed() => _ahead = true;

    /// <summary>Reads the host's state as it is now, on another thread, while the device goes on; nobody changes it before that is done.</summary>
    public void ReadBeside(Action read)
    {
        ToHost();
        _reading = Task.Run(read);
    }

    /// <summary>Makes the host's state what the device's is; returns when it is and nobody reads it.</summary>
    public void ToHost()
    {
        _reading.GetAwaiter().GetResult();
        if (_ahead)
        {
            Await(_buffers.Select((buffer, i) => _copies.ToHost(BlobTensor.Pointer(buffer), Host(i), Bytes)));
            _ahead = false;
        }
    }

    /// <summary>Makes the device's state what the host's is, for all that is computed from now on.</summary>
    public void FromHost()
    {
        _reading.GetAwaiter().GetResult();
        Await(_buffers.Select((buffer, i) => _copies.ToDevice(Host(i), BlobTensor.Pointer(buffer), Bytes)));
        _ahead = false;
    }

    public void Dispose()
    {
        _reading.Wait();
        _copies.Unpin((nint)_state.At(0));
        foreach (var buffer in _buffers)
        {
            buffer.Dispose();
        }
    }

    private long Bytes => _state.Layout.Elements * sizeof(float);

    private nint Host(int buffer) => (nint)_state.At(buffer * _state.BufferBytes);

    private void Await(IEnumerable<DeviceCopy> queued)
    {
        var copies = queued.ToArray();
        foreach (var copy in copies)
        {
            _copies.ComputeAfter(copy);
            _copies.Wait(copy);
            _copies.Release(copy);
        }
    }
}
