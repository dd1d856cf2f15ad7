using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>Block of the Llama family.</summary>
internal sealed class LlamaBlock : DecoderBlock
{
    readonly DecoderConfig _config;
    readonly int _layer;
    readonly bool _windowed;
    readonly RootMeanSquareNorm _attentionNorm, _forwardNorm;
    readonly Dense _query, _key, _value, _output, _gate, _up, _down;

    public LlamaBlock(DecoderConfig config, int layer) : base($"layer{layer}")
    {
        (_config, _layer) = (config, layer);
        _windowed = config.SlidingWindow is not null && !config.FullAttentionLayers.Contains(layer);
        long width = config.Width, queries = (long)config.Heads * config.HeadWidth, keys = (long)config.KeyValueHeads * config.HeadWidth;
        _attentionNorm = new RootMeanSquareNorm("input_layernorm", width, config.NormEpsilon);
        _query = new Dense("q_proj", width, queries, config.QueryKeyValueBias);
        _key = new Dense("k_proj", width, keys, config.QueryKeyValueBias);
        _value = new Dense("v_proj", width, keys, config.QueryKeyValueBias);
        _output = new Dense("o_proj", queries, width, config.OutputBias);
        _forwardNorm = new RootMeanSquareNorm("post_attention_layernorm", width, config.NormEpsilon);
        _gate = new Dense("gate_proj", width, config.HiddenWidth, config.FeedForwardBias);
        _up = new Dense("up_proj", width, config.HiddenWidth, config.FeedForwardBias);
        _down = new Dense("down_proj", config.HiddenWidth, width, config.FeedForwardBias);

        var attention = new ModuleTree("self_attn");
        var forward = new ModuleTree("mlp");
        register_module("input_layernorm", _attentionNorm);
        register_module("self_attn", attention);
        foreach (var dense in (Dense[])[_query, _key, _value, _output])
        {
            attention.Add(dense.GetName(), dense);
        }
        register_module("post_attention_layernorm", _forwardNorm);
        register_module("mlp", forward);
        foreach (var dense in (Dense[])[_gate, _up, _down])
        {
            forward.Add(dense.GetName(), dense);
        }
    }

    internal override IReadOnlyList<IReadOnlyList<string>> LaterStages =>
        [["self_attn.o_proj"], ["post_attention_layernorm", "mlp", FeedForwardProjection], ["mlp.down_proj"]];

    public override IEnumerable<(string Name, Dense Layer)> Layers =>
    [
        ("self_attn.q_proj", _query), ("self_attn.k_proj", _key), ("self_attn.v_proj", _value), ("self_attn.o_proj", _output),
        ("mlp.gate_proj", _gate), ("mlp.up_proj", _up), ("mlp.down_proj", _down),
    ];

    public override Tensor forward(Tensor x, BlockContext context)
    {
        using var scope = NewDisposeScope();
        x = ProjectInput(x);
        var attended = x + Attention(_attentionNorm.call(x), context);
        var projected = EnterFeedForward(attended);
        return (projected + FeedForward(_forwardNorm.call(projected))).MoveToOuterDisposeScope();
    }

    internal override void Initialize(double deviation, double residualDeviation, InitialValues values)
    {
        foreach (var (_, layer) in Layers)
        {
            layer.Initialize(layer == _output || layer == _down ? residualDeviation : deviation, values);
        }
    }

    Tensor Attention(Tensor x, BlockContext context)
    {
        var (rows, length, width) = (x.shape[0], x.shape[1], (long)_config.HeadWidth);
        var q = RotaryTable.Rotate(_query.call(x).view(rows, length, _config.Heads, width), context.Cosine!, context.Sine!);
        var k = RotaryTable.Rotate(_key.call(x).view(rows, length, _config.KeyValueHeads, width), context.Cosine!, context.Sine!);
        var v = _value.call(x).view(rows, length, _config.KeyValueHeads, width);
        return _output.call(Enter(1, CausalAttention.Attend(q, k, v, context, _layer, _windowed)));
    }

    Tensor FeedForward(Tensor x) => _down.call(Enter(3, nn.functional.silu(_gate.call(x)) * _up.call(x)));
}
