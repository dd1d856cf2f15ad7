using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Evaluations;

public sealed class SmoothnessTests
{
    // Logits (q(x), 0) with q = ½ xᵀ A x: the loss of class 1 is ln(1 + e^q), whose Hessian is known in closed form.
    private sealed class Quadratic(Tensor matrix) : nn.Module<Tensor, Tensor>(nameof(Quadratic))
    {
        public override Tensor forward(Tensor x)
        {
            var q = (x.matmul(matrix) * x).sum(1) / 2;
            return torch.stack([q, torch.zeros_like(q)], 1);
        }
    }

    [Fact]
    public void Measures_OfAQuadraticLogit_EqualTheClosedForm()
    {
        using var scope = torch.NewDisposeScope();
        const int d = 6;
        var random = KeyedTensor.Normal([d, d], new NoiseKey(1, 0, 0), torch.CPU);
        var a = random + random.t();
        var x = KeyedTensor.Normal([1, d], new NoiseKey(2, 0, 0), torch.CPU) * 0.3f;
        var q = ((x.matmul(a) * x).sum() / 2).item<float>();
        var p = 1 / (1 + Math.Exp(-q));
        var gradient = a.matmul(x.t()) * p;
        var hessian = a * p + a.matmul(x.t()).matmul(x).matmul(a) * (p * (1 - p));
        var smoothness = new Smoothness(new Quadratic(a), new SmoothnessOptions { Probes = 500, Iterations = 100, Displacement = 0.03f });
        var labels = torch.ones(1, ScalarType.Int64);

        Assert.True(smoothness.Gradient(x, labels, 0).allclose(gradient.t(), 1e-4, 1e-5));
        var trace = hessian.diagonal().sum().item<float>();
        var spread = Math.Sqrt(2 * hessian.square().sum().item<float>() / 500);
        Assert.InRange(smoothness.Trace(x, labels, 0).item<float>(), trace - 5 * spread, trace + 5 * spread);
        var expected = linalg.eigvalsh(hessian).abs().max().item<float>();
        Assert.Equal(expected, Math.Abs(smoothness.TopEigenvalue(x, labels, 0).item<float>()), expected * 0.02);
    }

    [Fact]
    public void Measure_TrainedModel_GivesFiniteRepeatableFigures()
    {
        using var scope = torch.NewDisposeScope();
        var (images, labels) = BlobImages.Draw(32, 5);
        SmoothnessReport Report(ProjectionOptions? projections) =>
            new Smoothness(BlobImages.Train(projections), new SmoothnessOptions { Probes = 2, Iterations = 3 }).Measure(images, labels);
        var report = Report(new ProjectionOptions { Sigma = 0.3f });
        Assert.Equal(32, report.Samples);
        Assert.True(report.Lipschitz >= report.GradientNorm && report.GradientNorm > 0, report.ToString());
        Assert.True(double.IsFinite(report.Trace) && report.TopEigenvalue > 0, report.ToString());
        Assert.Equal(report, Report(new ProjectionOptions { Sigma = 0.3f }));
    }
}
