using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>
/// A decoder language model: token ids int64 [b, t] → logits [b, t, vocabulary]. Parameters are named and shaped as in the family's files. With
/// projections, the input of every block (and of every feed-forward sub-layer, when asked for) and of the head is projected.
/// Not thread-safe: one training thread.
/// </summary>
public sealed class DecoderModel : nn.Module<Tensor, Tensor>, IStagedModel, IProjectedModel
{
    /// <summary>Stages of a block, as <see cref="IStagedModel"/> counts them.</summary>
    public const int BlockStages = 4;

    internal const string HeadProjection = "head_projection";
    const string HeadName = "lm_head";

    readonly TokenTable _tokens;
    readonly TokenTable? _positions;
    readonly DecoderBlock[] _blocks;
    readonly string[] _names;
    readonly nn.Module<Tensor, Tensor> _norm;
    readonly Dense? _head;
    readonly RotaryTable? _rotary;
    GaussianProjection? _headProjection;

    /// <summary>Builds the model with memory reserved but not set; <see cref="Initialize"/> or a loader follows.</summary>
    internal DecoderModel(DecoderConfig config) : base(nameof(DecoderModel))
    {
        Config = config;
        var llama = config.Family == DecoderFamily.Llama;
        var stem = new ModuleTree(llama ? "model" : "transformer");
        register_module(stem.GetName(), stem);
        _tokens = stem.Add(llama ? "embed_tokens" : "wte", new TokenTable("tokens", config.VocabularySize, config.Width));
        _positions = llama ? null : stem.Add("wpe", new TokenTable("positions", config.Context, config.Width));
        _rotary = llama ? new RotaryTable(config) : null;
        var layers = stem.Add(llama ? "layers" : "h", new ModuleTree("layers"));
        _blocks = [.. Enumerable.Range(0, config.Layers).Select(i =>
            layers.Add<DecoderBlock>($"{i}", llama ? new LlamaBlock(config, i) : new Gpt2Block(config, i)))];
        _norm = llama
            ? stem.Add("norm", new RootMeanSquareNorm("norm", config.Width, config.NormEpsilon))
            : stem.Add("ln_f", new LayerNormalization("ln_f", config.Width, config.NormEpsilon));
        var stemName = stem.GetName();
        _names = [.. _blocks.Select((_, i) => $"{stemName}.{(llama ? "layers" : "h")}.{i}")];
        // The embedding is in front of all stages, also where it is the head, too.
        Stages =
        [
            .. _blocks.SelectMany((b, i) => (IReadOnlyList<string>[])[[_names[i]], .. b.LaterStages.Select(stage => stage.Select(m => $"{_names[i]}.{m}").ToArray())]),
            [$"{stemName}.{(llama ? "norm" : "ln_f")}", HeadName, HeadProjection],
        ];
        if (!config.TiedHead)
        {
            _head = new Dense(HeadName, config.Width, config.VocabularySize, hasBias: false);
            register_module(HeadName, _head);
        }
    }

    public DecoderConfig Config { get; }

    /// <summary>Those of each block, then the norm in front of the head with the head.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Stages { get; }

    public Func<int, Tensor, Tensor>? Tap
    {
        get;
        set
        {
            field = value;
            for (var i = 0; i < _blocks.Length; i++)
            {
                var first = BlockStages * i;
                _blocks[i].Tap = value is null ? null : (stage, x) => value(first + stage, x);
            }
        }
    }

    /// <summary>Compute each block again in the backward pass instead of keeping its activations.</summary>
    public bool CheckpointBlocks { get; set; }

    public IReadOnlyList<(string Name, GaussianProjection Projection)> Projections { get; private set; } = [];

    /// <summary>The low-rank adapters; null: none, every parameter is trained.</summary>
    public AdapterOptions? Adapters { get; private set; }

    /// <summary>Linear layers of all blocks with their full names, without <c>.weight</c>.</summary>
    public IEnumerable<(string Name, Dense Layer)> DenseLayers =>
        _blocks.SelectMany((b, i) => b.Layers.Select(l => ($"{_names[i]}.{l.Name}", l.Layer)));

    /// <summary>A model with fresh weights: normal with the configuration's deviation, 1/√(2·layers) of it where a block writes to the residual stream.</summary>
    /// <param name="config">Shape.</param>
    /// <param name="seed">Of all weights, drawn in registration order.</param>
    public static DecoderModel Create(DecoderConfig config, ulong seed)
    {
        var model = new DecoderModel(config);
        model.Initialize(seed);
        return model;
    }

    /// <summary>Adds projections of standard deviation <see cref="ProjectionOptions.Sigma"/>. Once, before training and before parameters are enumerated.</summary>
    public void AddProjections(ProjectionOptions options)
    {
        if (Projections.Count > 0)
        {
            throw new InvalidOperationException("the model has projections already");
        }
        var named = new List<(string, GaussianProjection)>();
        GaussianProjection Make(string name)
        {
            var projection = new GaussianProjection([Config.Width], named.Count, options.Sigma);
            named.Add((name, projection));
            return projection;
        }
        for (var i = 0; i < _blocks.Length; i++)
        {
            _blocks[i].AddProjections(
                Make($"{_names[i]}.{DecoderBlock.InputProjection}"),
                options.Where == ProjectionPlace.Sublayers ? Make($"{_names[i]}.{DecoderBlock.FeedForwardProjection}") : null);
        }
        _headProjection = Make(HeadProjection);
        register_module(HeadProjection, _headProjection);
        Projections = named;
    }

    /// <summary>
    /// Adds low-rank adapters to the chosen layers and freezes everything else but projections. Once, before parameters are enumerated. The initial values of
    /// a layer's adapter depend on the seed and the layer alone, whatever else is chosen.
    /// </summary>
    /// <exception cref="ArgumentException">One line a setting that breaks its rule; of an unknown target with the layers that there are.</exception>
    public void AttachAdapters(AdapterOptions options, ulong seed)
    {
        if (Adapters is not null)
        {
            throw new InvalidOperationException("the model has adapters already");
        }
        var chosen = options.Choose(DenseLayers);
        foreach (var (_, parameter) in DecoderTensors.Plain(this))
        {
            parameter.requires_grad_(false);
        }
        foreach (var (index, _, layer) in chosen)
        {
            layer.Attach(options, new NoiseKey(seed, 0, 0) { Purpose = NoisePurpose.Adapter }, index);
        }
        Adapters = options;
    }

    public override Tensor forward(Tensor tokens)
    {
        using var hidden = Hidden(new DecoderInput(tokens));
        return Head(hidden);
    }

    /// <summary>The last block's output behind the final norm, [b, t, width].</summary>
    /// <param name="input">New tokens.</param>
    /// <param name="cache">Tokens before them, extended by this call; null: none.</param>
    public Tensor Hidden(DecoderInput input, KeyValueCache? cache = null)
    {
        var (length, past) = (input.Tokens.shape[1], cache?.Length ?? 0);
        if (past + length > Config.Context && Config.RopeScaling.Kind != "dynamic")
        {
            throw new ArgumentException($"{past + length} tokens are more than the model's context of {Config.Context}", nameof(input));
        }
        using var scope = NewDisposeScope();
        var device = input.Tokens.device;
        var mask = AttentionMask.Build(length, past, null, input.Documents, device);
        var window = Config.SlidingWindow is { } w && past + length > w ? AttentionMask.Build(length, past, w, input.Documents, device) : null;
        var rows = _rotary?.Rows(past, length, device);
        var context = new BlockContext(rows?.Cosine, rows?.Sine, mask, window, cache);
        var x = _tokens.call(input.Tokens);
        if (_positions is not null)
        {
            x += _positions.call(input.Positions ?? arange(past, past + length, device: device).unsqueeze(0));
        }
        for (var i = 0; i < _blocks.Length; i++)
        {
            x = Through(i, Tap is null ? x : Tap(BlockStages * i, x), context);
        }
        cache?.Advance(length);
        x = Tap is null ? x : Tap(BlockStages * _blocks.Length, x);
        return _norm.call(x).MoveToOuterDisposeScope();
    }

    /// <summary>Logits of hidden states, [*, width] → [*, vocabulary].</summary>
    public Tensor Head(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var projected = _headProjection is null ? hidden : _headProjection.call(hidden);
        var logits = _head is null ? nn.functional.linear(projected, _tokens.Weight) : _head.call(projected);
        return logits.MoveToOuterDisposeScope();
    }

    internal void Initialize(ulong seed)
    {
        var values = new InitialValues(seed);
        var deviation = Config.InitialDeviation;
        values.Normal(_tokens.Weight, deviation);
        if (_positions is not null)
        {
            values.Normal(_positions.Weight, deviation);
        }
        foreach (var block in _blocks)
        {
            block.Initialize(deviation, deviation / Math.Sqrt(2 * Config.Layers), values);
        }
        _head?.Initialize(deviation, values);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _rotary?.Dispose();
        }
        base.Dispose(disposing);
    }

    Tensor Through(int i, Tensor x, BlockContext context) => CheckpointBlocks && context.Cache is null && is_grad_enabled()
        ? ActivationCheckpoint.Run((input, tensors) => _blocks[i].call(input, context.With(tensors)), x, context.Tensors)
        : _blocks[i].call(x, context);
}
