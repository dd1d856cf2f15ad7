using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>
/// A linear layer, y = x·Wᵀ + b, [*, inputs] → [*, outputs]. The weight is stored [outputs, inputs], or [inputs, outputs] where the family's
/// files have it so (GPT-2). A low-rank adapter may be attached: y += (alpha / rank) · (x·Aᵀ)·Bᵀ.
/// </summary>
public sealed class Dense : nn.Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // the names of the fields are the names of the parameters in model files
    readonly Parameter weight;
    readonly Parameter? bias;
#pragma warning restore IDE1006
    readonly bool _inputsFirst;
    AdapterFactor? _down, _up;
    double _scale;

    internal Dense(string name, long inputs, long outputs, bool hasBias, bool inputsFirst = false) : base(name)
    {
        (Inputs, Outputs, _inputsFirst) = (inputs, outputs, inputsFirst);
        weight = new Parameter(inputsFirst ? empty(inputs, outputs) : empty(outputs, inputs));
        bias = hasBias ? new Parameter(zeros(outputs)) : null;
        RegisterComponents();
    }

    public long Inputs { get; }

    public long Outputs { get; }

    public Parameter Weight => weight;

    public Parameter? Bias => bias;

    /// <summary>A low-rank adapter is attached.</summary>
    public bool HasAdapter => _down is not null;

    public override Tensor forward(Tensor x)
    {
        using var transposed = _inputsFirst ? Weight.t() : null;
        var y = nn.functional.linear(x, transposed ?? Weight, Bias);
        if (_down is null)
        {
            return y;
        }
        using var frozen = y;
        using var narrow = nn.functional.linear(x, _down.Weight);
        using var wide = nn.functional.linear(narrow, _up!.Weight);
        return frozen.add(wide, _scale);
    }

    /// <summary>Fresh weights: normal with the given deviation; the bias is zero.</summary>
    internal void Initialize(double deviation, InitialValues values)
    {
        using var guard = no_grad();
        values.Normal(Weight, deviation);
        Bias?.zero_();
    }

    /// <summary>The adapter's A [rank, inputs] and B [outputs, rank], named as parameters below this layer; empty without one.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> AdapterFactors => _down is null ? [] : [("lora_A.weight", _down.Weight), ("lora_B.weight", _up!.Weight)];

    /// <summary>Attaches an adapter. A is uniform as in Kaiming's rule (a = √5), B zero: nothing changes at first.</summary>
    /// <param name="options">Rank and scale.</param>
    /// <param name="key">Names A's values together with <paramref name="index"/>.</param>
    /// <param name="index">Number of the layer in its model.</param>
    internal void Attach(AdapterOptions options, NoiseKey key, int index)
    {
        if (HasAdapter)
        {
            throw new InvalidOperationException($"{GetName()} has an adapter already");
        }
        _down = new AdapterFactor("lora_A", options.Rank, Inputs);
        _up = new AdapterFactor("lora_B", Outputs, options.Rank);
        _scale = options.Scale;
        using (no_grad())
        {
            using var values = KeyedTensor.Uniform(_down.Weight.shape, key, CPU, index);
            var bound = 1 / Math.Sqrt(Inputs);
            _down.Weight.copy_(values.mul_(2 * bound).sub_(bound));
            _up.Weight.zero_();
        }
        _down.to(Weight.device);
        _up.to(Weight.device);
        register_module("lora_A", _down);
        register_module("lora_B", _up);
    }

    /// <summary>The weight as a plain layer would have it, with the adapter's product added; the caller disposes it.</summary>
    internal Tensor MergedWeight()
    {
        using var guard = no_grad();
        if (_down is null)
        {
            return Weight.detach();
        }
        using var product = _up!.Weight.matmul(_down.Weight);
        using var oriented = _inputsFirst ? product.t() : product.alias();
        return Weight.add(oriented, _scale);
    }
}
