using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>Draws the initial values of a model's parameters one after the other: a function of the seed and the parameter's number, on every processor the same.</summary>
internal sealed class InitialValues(ulong seed)
{
    int _next;

    /// <summary>Normal with mean 0 and the given deviation.</summary>
    public void Normal(Tensor parameter, double deviation) => Initialisation.Normal(parameter, seed, _next++, deviation);
}
