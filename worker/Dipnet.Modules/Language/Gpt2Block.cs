using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>Block of GPT-2: query, key and value come from one layer, weights are stored [inputs, outputs].</summary>
internal sealed class Gpt2Block : DecoderBlock
{
    readonly DecoderConfig _config;
    readonly int _layer;
    readonly LayerNormalization _attentionNorm, _forwardNorm;
    readonly Dense _fused, _output, _up, _down;

    public Gpt2Block(DecoderConfig config, int layer) : base($"h{layer}")
    {
        (_config, _layer) = (config, layer);
        long width = config.Width;
        _attentionNorm = new LayerNormalization("ln_1", width, config.NormEpsilon);
        _fused = new Dense("c_attn", width, 3 * width, hasBias: true, inputsFirst: true);
        _output = new Dense("c_proj", width, width, hasBias: true, inputsFirst: true);
        _forwardNorm = new LayerNormalization("ln_2", width, config.NormEpsilon);
        _up = new Dense("c_fc", width, config.HiddenWidth, hasBias: true, inputsFirst: true);
        _down = new Dense("c_proj", config.HiddenWidth, width, hasBias: true, inputsFirst: true);

        var attention = new ModuleTree("attn");
        var forward = new ModuleTree("mlp");
        register_module("ln_1", _attentionNorm);
        register_module("attn", attention);
        attention.Add("c_attn", _fused);
        attention.Add("c_proj", _output);
        register_module("ln_2", _forwardNorm);
        register_module("mlp", forward);
        forward.Add("c_fc", _up);
        forward.Add("c_proj", _down);
    }

    internal override IReadOnlyList<IReadOnlyList<string>> LaterStages => [["attn.c_proj"], ["ln_2", "mlp", FeedForwardProjection], ["mlp.c_proj"]];

    public override IEnumerable<(string Name, Dense Layer)> Layers =>
        [("attn.c_attn", _fused), ("attn.c_proj", _output), ("mlp.c_fc", _up), ("mlp.c_proj", _down)];

    public override Tensor forward(Tensor x, BlockContext context)
    {
        using var scope = NewDisposeScope();
        x = ProjectInput(x);
        var parts = _fused.call(_attentionNorm.call(x)).view(x.shape[0], x.shape[1], 3, _config.Heads, _config.HeadWidth).unbind(2);
        var attended = x + _output.call(Enter(1, CausalAttention.Attend(parts[0], parts[1], parts[2], context, _layer, windowed: false)));
        var projected = EnterFeedForward(attended);
        var up = _up.call(_forwardNorm.call(projected));
        var active = _config.ExactGelu ? nn.functional.gelu(up) : TanhGelu(up);
        return (projected + _down.call(Enter(3, active))).MoveToOuterDisposeScope();
    }

    internal override void Initialize(double deviation, double residualDeviation, InitialValues values)
    {
        foreach (var (_, layer) in Layers)
        {
            layer.Initialize(layer == _output || layer == _down ? residualDeviation : deviation, values);
        }
    }

    // 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³)))
    static Tensor TanhGelu(Tensor x)
    {
        using var cube = x.pow(3);
        using var inner = x.add(cube, 0.044715);
        using var scaled = inner.mul(Math.Sqrt(2 / Math.PI));
        using var curve = scaled.tanh();
        using var shifted = curve.add(1);
        using var half = x.mul(0.5);
        return half.mul(shifted);
    }
}
