namespace Dipnet.Worker.Training;

/// <summary>
/// Between the device that computes and the host memory that the exchange and the optimizer see. On the CPU both are the same memory; elsewhere
/// parameters and gradients are copied while the device goes on computing.
/// </summary>
internal interface IGradientStaging : IDisposable
{
    /// <summary>Makes the next backward accumulate towards a slot of the arena: onto what the slot holds, or from zero.</summary>
    void Bind(int slot, bool onto);

    /// <summary>
    /// Gradients of elements [from, to) have been computed, or their computation is queued on the device. Once they are in the slot, <paramref name="arrived"/>
    /// is called: at once by the caller, or by the staging's own thread, one after the other in the order of these calls.
    /// </summary>
    void Collect(int slot, bool onto, long from, long to, Action arrived);

    /// <summary>Waits until all that was collected is in its slot and its <c>arrived</c> has returned; throws what one of them threw.</summary>
    void Drain();

    /// <summary>Call before the host's parameters are changed: waits until nothing reads them.</summary>
    void BeginChange();

    /// <summary>The host's parameters [from, to) have changed; what the model computes from now on, it computes with them.</summary>
    void ParametersChanged(long from, long to);
}
