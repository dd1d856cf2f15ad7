using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dipnet.Modules;

/// <summary>
/// Measures how smooth a classifier's loss is around data. Hessian-vector products are central differences of input gradients under the same noise,
/// so they work for every model, also where an operator has no second derivative.
/// </summary>
public sealed class Smoothness
{
    private readonly nn.Module<Tensor, Tensor> model;
    private readonly SmoothnessOptions options;

    public Smoothness(nn.Module<Tensor, Tensor> model, SmoothnessOptions options)
    {
        this.model = model;
        this.options = options.Trajectories > 0 && ProjectionList.Of(model).Count == 0 ? options with { Trajectories = 1 } : options;
    }

    /// <summary>Measures on inputs [n, …], labels [n] int64.</summary>
    public SmoothnessReport Measure(Tensor inputs, Tensor labels)
    {
        using var frozen = new FrozenParameters(model);
        double trace = 0, top = 0, norms = 0, largest = 0;
        var samples = inputs.shape[0];
        for (var batch = 0; (long)batch * options.BatchSize < samples; batch++)
        {
            using var scope = torch.NewDisposeScope();
            var start = (long)batch * options.BatchSize;
            var count = Math.Min(options.BatchSize, samples - start);
            var (x, y) = (inputs.narrow(0, start, count), labels.narrow(0, start, count));
            trace += Trace(x, y, batch).sum().item<float>();
            top += TopEigenvalue(x, y, batch).abs().sum().item<float>();
            var norm = Norms(Gradient(x, y, batch));
            norms += norm.sum().item<float>();
            largest = Math.Max(largest, Math.Max(norm.max().item<float>(), NormAround(x, y, batch)));
        }
        return new SmoothnessReport(trace / samples, top / samples, norms / samples, largest, samples);
    }

    /// <summary>Hutchinson's estimate of the trace of every sample's input Hessian: mean over random signs v of vᵀHv; [b].</summary>
    public Tensor Trace(Tensor inputs, Tensor labels, int batch)
    {
        using var scope = torch.NewDisposeScope();
        var sum = torch.zeros(inputs.shape[0], device: inputs.device);
        for (var probe = 0; probe < options.Probes; probe++)
        {
            using var inner = torch.NewDisposeScope();
            var v = KeyedTensor.Signs(inputs.shape, ProbeKey(batch), inputs.device, probe);
            sum.add_(Dot(v, HessianProduct(inputs, labels, v, batch)));
        }
        return (sum / options.Probes).MoveToOuterDisposeScope();
    }

    /// <summary>Eigenvalue of largest magnitude of every sample's input Hessian, by power iteration; [b].</summary>
    public Tensor TopEigenvalue(Tensor inputs, Tensor labels, int batch)
    {
        using var scope = torch.NewDisposeScope();
        var v = Unit(KeyedTensor.Normal(inputs.shape, ProbeKey(batch), inputs.device, options.Probes));
        var eigenvalue = torch.zeros(inputs.shape[0], device: inputs.device);
        for (var i = 0; i < options.Iterations; i++)
        {
            using var inner = torch.NewDisposeScope();
            var product = HessianProduct(inputs, labels, v, batch);
            eigenvalue.copy_(Dot(v, product));
            v.copy_(Unit(product));
        }
        return eigenvalue.MoveToOuterDisposeScope();
    }

    /// <summary>Gradient of every sample's loss with respect to its input; [b, …].</summary>
    public Tensor Gradient(Tensor inputs, Tensor labels, int batch)
    {
        using var scope = torch.NewDisposeScope();
        using var enabled = torch.enable_grad();
        var x = inputs.detach().requires_grad_(true);
        var key = new NoiseKey(options.Seed, (ulong)batch, 0) { Purpose = NoisePurpose.Prediction };
        var logProbabilities = options.Trajectories == 0 ? Prediction.Mean(model, x) : Prediction.Sampled(model, x, key, options.Trajectories);
        var loss = F.nll_loss(logProbabilities, labels, reduction: nn.Reduction.Sum);
        return autograd.grad([loss], [x])[0].MoveToOuterDisposeScope();
    }

    // H·v of every sample; v is scaled so that its root mean square is the displacement.
    private Tensor HessianProduct(Tensor inputs, Tensor labels, Tensor v, int batch)
    {
        using var scope = torch.NewDisposeScope();
        var values = inputs.numel() / inputs.shape[0];
        var scale = options.Displacement * Math.Sqrt(values) / Norms(v).clamp_min(1e-30);
        scale = scale.view([-1, .. Enumerable.Repeat(1L, (int)inputs.ndim - 1)]);
        var difference = Gradient(inputs + v * scale, labels, batch) - Gradient(inputs - v * scale, labels, batch);
        return (difference / (scale * 2)).MoveToOuterDisposeScope();
    }

    private double NormAround(Tensor inputs, Tensor labels, int batch)
    {
        double largest = 0;
        for (var probe = 0; probe < options.Probes; probe++)
        {
            using var scope = torch.NewDisposeScope();
            var offset = (KeyedTensor.Uniform(inputs.shape, ProbeKey(batch), inputs.device, options.Probes + 1 + probe) * 2 - 1) * options.Radius;
            largest = Math.Max(largest, Norms(Gradient((inputs + offset).clamp(0, 1), labels, batch)).max().item<float>());
        }
        return largest;
    }

    private NoiseKey ProbeKey(int batch) => new(options.Seed, (ulong)batch, 0) { Purpose = NoisePurpose.Probe };

    private static Tensor Dot(Tensor a, Tensor b) => (a * b).flatten(1).sum(1);

    private static Tensor Norms(Tensor x) => x.flatten(1).square().sum(1).sqrt();

    private static Tensor Unit(Tensor x) => x / Norms(x).clamp_min(1e-30).view([-1, .. Enumerable.Repeat(1L, (int)x.ndim - 1)]);
}
