using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// While it lives the model is in evaluation mode and its parameters take no gradient: attacks and smoothness measures differentiate with respect to the input
/// alone, and a weight gradient costs as much as an input gradient.
/// </summary>
internal sealed class FrozenParameters : IDisposable
{
    private readonly nn.Module model;
    private readonly bool training;
    private readonly List<Parameter> frozen = [];

    public FrozenParameters(nn.Module model)
    {
        this.model = model;
        training = model.training;
        if (training)
            model.eval();
        foreach (var parameter in model.parameters().Where(p => p.requires_grad))
        {
            parameter.requires_grad = false;
            frozen.Add(parameter);
        }
    }

    public void Dispose()
    {
        foreach (var parameter in frozen)
            parameter.requires_grad = true;
        if (training)
            model.train();
    }
}
