using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dipnet.Modules;

/// <summary>
/// Pre-norm transformer block: x + attention(norm(x)), then x + MLP(norm(x)); [N, T, D] to [N, T, D]. Its input is projected first. Four stages of a model.
/// </summary>
internal sealed class TransformerBlock : nn.Module<Tensor, Tensor>
{
    private readonly int heads;
#pragma warning disable IDE1006 // names of fields are names in state dictionaries
    private readonly GaussianProjection? projection;
    private readonly LayerNorm norm1;
    private readonly Linear qkv;
    private readonly Linear output;
    private readonly GaussianProjection? projection2;
    private readonly LayerNorm norm2;
    private readonly Linear up;
    private readonly Linear down;
#pragma warning restore IDE1006

    public TransformerBlock(int dim, int heads, int hidden, GaussianProjection? projection, GaussianProjection? projection2)
        : base(nameof(TransformerBlock))
    {
        this.heads = heads;
        this.projection = projection;
        norm1 = nn.LayerNorm(dim);
        qkv = nn.Linear(dim, 3 * dim);
        output = nn.Linear(dim, dim);
        this.projection2 = projection2;
        norm2 = nn.LayerNorm(dim);
        up = nn.Linear(dim, hidden);
        down = nn.Linear(hidden, dim);
        RegisterComponents();
    }

    /// <summary>Modules of the stages behind the first, which has the rest.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> LaterStages => [[nameof(output)], [nameof(projection2), nameof(norm2), nameof(up)], [nameof(down)]];

    /// <summary>Called as <see cref="IStagedModel.Tap"/> with the inputs of stages 1 to 3 of this block.</summary>
    public Func<int, Tensor, Tensor>? Tap { get; set; }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        if (projection is not null)
            x = projection.call(x);
        x = x + Attention(norm1.call(x));
        x = Enter(2, x);
        if (projection2 is not null)
            x = projection2.call(x);
        return (x + down.call(Enter(3, F.gelu(up.call(norm2.call(x)))))).MoveToOuterDisposeScope();
    }

    private Tensor Attention(Tensor x)
    {
        var (n, t, d) = (x.shape[0], x.shape[1], x.shape[2]);
        // Taken apart at once: backward puts the three together, where indexing would add up three mostly empty gradients.
        var parts = qkv.call(x).view(n, t, 3, heads, d / heads).permute(2, 0, 3, 1, 4).unbind(0);
        var mixed = F.scaled_dot_product_attention(parts[0], parts[1], parts[2]);
        return output.call(Enter(1, mixed.transpose(1, 2).reshape(n, t, d)));
    }

    private Tensor Enter(int stage, Tensor x) => Tap is null ? x : Tap(stage, x);
}
