using Dipnet.Worker.Optimization;

namespace Dipnet.Worker.Devices;

/// <summary>
/// Arithmetic over flat fp32 buffers in a device's memory, each call queued behind what is queued for computation. The bits are those of the host's own code, so
/// training does not depend on where a sum or an update is computed. Thread-safe.
/// </summary>
internal interface IDeviceKernels
{
    /// <summary>sum ← sum + other, as <see cref="Dipnet.Exchange.GradientSum"/> adds.</summary>
    void Add(nint sum, nint other, long count);

    /// <summary>The lanes of <see cref="GradientNorm"/>: <see cref="GradientNorm.LanesOf"/> doubles.</summary>
    void SquareLanes(nint gradient, long count, nint lanes);

    /// <summary><see cref="AdamWKernel.Apply"/>.</summary>
    void AdamW(nint parameter, nint first, nint second, nint gradient, long count, AdamWKernel rule);

    /// <summary><see cref="SgdKernel.Apply"/>.</summary>
    void Sgd(nint parameter, nint velocity, nint gradient, long count, SgdKernel rule);
}
