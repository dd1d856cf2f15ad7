using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>One factor of a low-rank adapter. A module of its own so that its parameter is named as PEFT names it (lora_A.weight).</summary>
internal sealed class AdapterFactor : nn.Module
{
#pragma warning disable IDE1006 // the names of the fields are the names of the parameters in model files
    readonly Parameter weight;
#pragma warning restore IDE1006

    public AdapterFactor(string name, long rows, long columns) : base(name)
    {
        weight = new Parameter(empty(rows, columns));
        RegisterComponents();
    }

    public Parameter Weight => weight;
}
