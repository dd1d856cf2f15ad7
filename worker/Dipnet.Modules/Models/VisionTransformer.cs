using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// Vision transformer: patches through one linear map, learned positions, pre-norm blocks, norm, mean over tokens, linear head.
/// Input [N, C, H, W] with pixels in [0, 1], N = k·b under a <see cref="NoiseScope"/>; output logits [N, classes].
/// </summary>
public sealed class VisionTransformer : nn.Module<Tensor, Tensor>, IStagedModel, IProjectedModel
{
    /// <summary>Stages of a block, as <see cref="IStagedModel"/> counts them.</summary>
    public const int BlockStages = 4;

    private readonly VisionTransformerOptions options;
#pragma warning disable IDE1006 // names of fields are names in state dictionaries
    private readonly GaussianProjection? input;
    private readonly Linear embedding;
    private readonly Parameter positions;
    private readonly ModuleList<TransformerBlock> blocks;
    private readonly ClassifierHead head;
#pragma warning restore IDE1006

    public VisionTransformer(VisionTransformerOptions options)
        : base(nameof(VisionTransformer))
    {
        this.options = options.Validated();
        var projections = options.Projections;
        var layer = 0;
        GaussianProjection? Project(bool wanted, params long[] features) =>
            wanted && projections is not null ? new GaussianProjection(features, layer++, projections.Sigma) : null;
        var tokens = options.ImageSize / options.Patch * (options.ImageSize / options.Patch);
        var sublayers = projections?.Where == ProjectionPlace.Sublayers;
        input = Project(projections?.Input == true, options.Channels, options.ImageSize, options.ImageSize);
        embedding = nn.Linear(options.Channels * options.Patch * options.Patch, options.Dim);
        positions = new Parameter(torch.zeros(1, tokens, options.Dim));
        blocks = new ModuleList<TransformerBlock>();
        for (var i = 0; i < options.Depth; i++)
            blocks.Add(new TransformerBlock(options.Dim, options.Heads, options.MlpRatio * options.Dim, Project(true, options.Dim), Project(sublayers, options.Dim)));
        head = new ClassifierHead(options.Dim, options.Classes, Project(true, options.Dim));
        RegisterComponents();
        Stages = [.. Enumerable.Range(0, options.Depth).Select(i => $"{nameof(blocks)}.{i}").SelectMany(StagesOf), [nameof(head)]];
        Projections = ProjectionList.Of(this);
        Initialise(options.Seed);
    }

    /// <summary>Tokens of an image.</summary>
    public int Tokens => (int)positions.shape[1];

    public IReadOnlyList<IReadOnlyList<string>> Stages { get; }

    public IReadOnlyList<(string Name, GaussianProjection Projection)> Projections { get; }

    public Func<int, Tensor, Tensor>? Tap
    {
        get;
        set
        {
            field = value;
            for (var i = 0; i < blocks.Count; i++)
            {
                var first = BlockStages * i;
                blocks[i].Tap = value is null ? null : (stage, x) => value(first + stage, x);
            }
        }
    }

    /// <summary>Keep only the blocks' inputs in forward and run each block again in backward; see <see cref="ActivationCheckpoint"/>.</summary>
    public bool ActivationCheckpointing { get; set; }

    public override Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        if (input is not null)
            x = input.call(x);
        x = embedding.call(Patches(x)) + positions;
        for (var i = 0; i < blocks.Count; i++)
        {
            if (Tap is { } tap)
                x = tap(BlockStages * i, x);
            x = ActivationCheckpointing ? ActivationCheckpoint.Run(blocks[i], x) : blocks[i].call(x);
        }
        if (Tap is { } last)
            x = last(BlockStages * blocks.Count, x);
        return head.call(x).MoveToOuterDisposeScope();
    }

    private static IEnumerable<IReadOnlyList<string>> StagesOf(string block) =>
        [[block], .. TransformerBlock.LaterStages.Select(stage => stage.Select(module => $"{block}.{module}").ToArray())];

    // [N, C, H, W] → [N, T, C·p·p], tokens in row order.
    private Tensor Patches(Tensor x)
    {
        var (n, p, side) = (x.shape[0], options.Patch, options.ImageSize / options.Patch);
        return x.reshape(n, options.Channels, side, p, side, p).permute(0, 2, 4, 1, 3, 5).reshape(n, side * side, options.Channels * p * p);
    }

    private void Initialise(ulong seed)
    {
        Initialisation.Apply(this, seed);
        // Small positions and head: the residual stream starts out as the patches, the prediction as nearly uniform.
        Initialisation.Normal(positions, seed, ushort.MaxValue, 0.02);
        Initialisation.Normal(head.Weight, seed, ushort.MaxValue - 1, 0.02);
    }
}
