namespace Dipnet.Worker.Training;

/// <summary>A loss or gradient is not finite; training must not go on.</summary>
/// <param name="step">0 is the first.</param>
/// <param name="layer">The first module whose output, or the first parameter whose gradient, is not finite; empty when none is found.</param>
/// <param name="message">What was seen.</param>
internal sealed class NonFiniteException(ulong step, string layer, string message) : Exception(message)
{
    public ulong Step => step;

    public string Layer => layer;
}
