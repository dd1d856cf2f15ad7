namespace Dipnet.Worker.Training;

/// <summary>
/// Between the device that computes and the host memory that the exchange and the optimizer see. On the CPU both are the same memory; elsewhere
/// parameters and gradients are copied.
/// </summary>
internal interface IGradientStaging : IDisposable
{
    /// <summary>Makes the next backward accumulate towards a slot of the arena: onto what the slot holds, or from zero.</summary>
    void Bind(int slot, bool onto);

    /// <summary>Gradients of elements [from, to) are final on the device; afterwards they are in the slot.</summary>
    void Collect(int slot, bool onto, long from, long to);

    /// <summary>The host's parameters have changed; afterwards the model computes with them.</summary>
    void ParametersChanged();
}
