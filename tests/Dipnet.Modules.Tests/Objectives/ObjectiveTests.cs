using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Objectives;

public sealed class ObjectiveTests
{
    private static readonly ProjectionOptions Options =
        new() { Sigma = 0.3f, Alpha = 1e-2f, Beta = 3e-3f, Gamma = 0.5f, Trajectories = 3, Where = ProjectionPlace.Sublayers };

    private static (VisionTransformer Model, Tensor Images, Tensor Labels) Setting()
    {
        var model = new VisionTransformer(new VisionTransformerOptions { ImageSize = 4, Patch = 2, Dim = 8, Depth = 2, Heads = 2, Classes = 3, Seed = 2, Projections = Options });
        // Away from the small initial head, so that every term has a gradient worth checking; in double precision, so that differences are clean.
        using (torch.no_grad())
        {
            foreach (var p in model.parameters().Where(p => p.ndim == 2))
                p.mul_(p.shape[0] == 3 ? 40 : 1.5);
        }
        model.to(ScalarType.Float64);
        return (model, torch.rand(5, 1, 4, 4, ScalarType.Float64), torch.tensor([0L, 1, 2, 1, 0]));
    }

    private static LossTerms Loss(VisionTransformer model, Tensor images, Tensor labels)
    {
        using var noise = NoiseScope.Begin(new NoiseKey(3, 14, 15), Options.Trajectories);
        var logits = model.call(images.repeat(Options.Trajectories, 1, 1, 1));
        return Objective.Classification(logits, labels, [.. model.Projections.Select(p => p.Projection)], Options);
    }

    [Fact]
    public void Gradient_OfEveryRho_EqualsFiniteDifferencesOfTheWholeObjective()
    {
        using var scope = torch.NewDisposeScope();
        var (model, images, labels) = Setting();
        Loss(model, images, labels).Total.backward();
        const double h = 1e-4;
        foreach (var (name, projection) in model.Projections)
        {
            var flat = projection.rho.view(-1);
            var gradient = projection.rho.grad!.view(-1);
            for (long i = 0; i < flat.shape[0]; i += Math.Max(1, flat.shape[0] / 3))
            {
                double At(double offset)
                {
                    using var none = torch.no_grad();
                    flat[i] += offset;
                    var value = Loss(model, images, labels).Total.item<double>();
                    flat[i] -= offset;
                    return value;
                }
                var expected = (At(h) - At(-h)) / (2 * h);
                Assert.Equal(expected, gradient[i].item<double>(), 1e-6 + 1e-4 * Math.Abs(expected));
            }
        }
    }

    [Fact]
    public void Terms_OfAClassifier_EqualTheirDefinitions()
    {
        using var scope = torch.NewDisposeScope();
        var logits = KeyedTensor.Normal([6, 4], new NoiseKey(1, 0, 0), torch.CPU);
        var labels = torch.tensor([3L, 1]);
        GaussianProjection[] projections = [new([5], 0, 0.5f), new([2], 1, 2f)];
        var terms = Objective.Classification(logits, labels, projections, Options);
        var values = logits.data<float>().ToArray();
        double nll = 0, stability = 0;
        for (var sample = 0; sample < 2; sample++)
        {
            var probabilities = new double[3, 4];
            for (var t = 0; t < 3; t++)
            {
                var row = values.AsSpan((t * 2 + sample) * 4, 4).ToArray();
                var sum = row.Sum(v => Math.Exp(v));
                for (var c = 0; c < 4; c++)
                    probabilities[t, c] = Math.Exp(row[c]) / sum;
                nll -= Math.Log(probabilities[t, labels[sample].item<long>()]) / 6;
            }
            for (var c = 0; c < 4; c++)
            {
                var mean = (probabilities[0, c] + probabilities[1, c] + probabilities[2, c]) / 3;
                for (var t = 0; t < 3; t++)
                    stability += Math.Pow(probabilities[t, c] - mean, 2) / 2 / 2;
            }
        }
        var penalty = 1e-2 * (5 * 0.25 + 2 * 4) - 3e-3 * (5 * Math.Log(0.25) + 2 * Math.Log(4));
        Assert.Equal(nll, terms.Nll.item<float>(), 1e-5);
        Assert.Equal(stability, terms.Stability.item<float>(), 1e-6);
        Assert.Equal(penalty, terms.Penalty.item<float>(), 1e-5);
        Assert.Equal(nll + penalty + 0.5 * stability, terms.Total.item<float>(), 1e-5);
    }

    [Fact]
    public void Penalty_TrainedAlone_SettlesAtBetaOverAlpha()
    {
        using var scope = torch.NewDisposeScope();
        GaussianProjection[] projections = [new([3], 0, 1f)];
        using var optimizer = torch.optim.SGD([projections[0].rho], 0.5);
        for (var i = 0; i < 200; i++)
        {
            optimizer.zero_grad();
            Objective.Penalty(projections, 0.4f, 0.1f).backward();
            optimizer.step();
        }
        Assert.True(projections[0].rho.exp().allclose(torch.full([3], 0.25f), 1e-3));
    }

    [Fact]
    public void Classification_LogitsOfAnotherCount_AreRefused() =>
        Assert.Contains("3 trajectories of 2 samples", Assert.Throws<ArgumentException>(
            () => Objective.Classification(torch.zeros(5, 4), torch.tensor([0L, 1]), [], Options)).Message);
}
