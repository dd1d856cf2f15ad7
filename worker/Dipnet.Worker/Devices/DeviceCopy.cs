namespace Dipnet.Worker.Devices;

/// <summary>A copy, or a moment of the computation, that was queued; valid until it is released.</summary>
/// <param name="Mark">The maker's own: an event of CUDA.</param>
internal readonly record struct DeviceCopy(nint Mark);
