using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>A table of vectors looked up by index, int64 [b, t] → [b, t, width].</summary>
internal sealed class TokenTable : nn.Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // the names of the fields are the names of the parameters in model files
    readonly Parameter weight;
#pragma warning restore IDE1006

    public TokenTable(string name, long rows, long width) : base(name)
    {
        weight = new Parameter(empty(rows, width));
        RegisterComponents();
    }

    public Parameter Weight => weight;

    public override Tensor forward(Tensor ids)
    {
        using var flat = ids.reshape(-1);
        using var rows = weight.index_select(0, flat);
        return rows.view([.. ids.shape, weight.shape[1]]);
    }
}
