using TorchSharp;

namespace Dipnet.Modules;

/// <summary>The precision a forward pass ran in, so that its second run in backward (perhaps on another thread) runs in the same.</summary>
internal readonly record struct AutocastState(DeviceType Device, bool Enabled, torch.ScalarType Dtype)
{
    public static AutocastState Capture(DeviceType device) => new(device, Autocast.IsEnabled(device), Autocast.Dtype(device));

    public Autocast Enter() => Enabled ? new Autocast(Device, Dtype) : default;
}
