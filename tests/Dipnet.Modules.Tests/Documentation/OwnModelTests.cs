using System.Runtime.CompilerServices;
using Dipnet.Modules.Tests.Evaluations;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Documentation;

/// <summary>The example of docs/dipnet.md, as it stands there.</summary>
public sealed class OwnModelTests
{
    private const string Begin = "// begin of the example", End = "// end of the example";

    private static (double Clean, double Noise, double Attacked) Example(Func<int, (Tensor Images, Tensor Labels)> batch, Tensor testImages, Tensor testLabels)
    {
        // begin of the example
        var options = new ProjectionOptions { Sigma = 0.2f, Gamma = 0.1f, Trajectories = 2 };
        using var model = nn.Sequential(
                ("conv", nn.Conv2d(1, 8, 3, padding: 1)), ("relu", nn.ReLU()), ("pool", nn.MaxPool2d(2)),
                ("flat", nn.Flatten()), ("head", nn.Linear(8 * 4 * 4, 4)))
            .WithProjections(options, torch.zeros(1, 1, 8, 8), "conv", "head");   // an input as the network takes it; names as in its parameters

        var projections = model.Projections.Select(p => p.Projection).ToArray();
        var ofProjections = projections.Select(p => p.rho).ToArray();
        var weights = model.parameters().Where(p => ofProjections.All(rho => rho.Handle != p.Handle));
        using var optimizer = torch.optim.AdamW(weights, 3e-3);
        using var optimizerOfProjections = torch.optim.AdamW(ofProjections, 1e-2, weight_decay: 0);

        for (var step = 0; step < 60; step++)
        {
            using var scope = torch.NewDisposeScope();
            var (images, labels) = batch(step);
            optimizer.zero_grad();
            optimizerOfProjections.zero_grad();
            using (NoiseScope.Begin(new NoiseKey(Seed: 1, (ulong)step, Microbatch: 0), options.Trajectories))
            {
                // k trajectories are rows of one batch: all of the first, then all of the second.
                var logits = model.call(images.repeat(options.Trajectories, 1, 1, 1));
                Objective.Classification(logits, labels, projections, options).Total.backward();
            }

            optimizer.step();
            optimizerOfProjections.step();
        }

        model.eval();
        var evaluation = new Evaluation(model, new EvaluationOptions { Trajectories = 8 });
        var clean = evaluation.Clean(testImages, testLabels).Accuracy;
        var noise = evaluation.Noise(testImages, testLabels, sigma: 0.2f).Accuracy;
        var attacked = evaluation.Attacked(testImages, testLabels, AttackOptions.Pgd(epsilon: 0.05f, steps: 10)).Accuracy;
        // end of the example
        return (clean, noise, attacked);
    }

    [Fact]
    public void Example_OnImagesThatItCanLearn_LearnsThem()
    {
        using var scope = torch.NewDisposeScope();
        var (images, labels) = BlobImages.Draw(64, seed: 999);
        var (clean, noise, attacked) = Example(step => BlobImages.Draw(32, (ulong)step + 1), images, labels);

        Assert.True(clean > 0.9, $"{clean:P0}");
        Assert.True(noise > 0.8, $"{noise:P0}");
        Assert.True(attacked > 0.6, $"{attacked:P0}");
    }

    [Fact]
    public void Example_OfTheDocumentation_IsThisOne()
    {
        var source = File.ReadAllText(Here());
        var lines = source[(source.IndexOf(Begin + "\n", StringComparison.Ordinal) + Begin.Length + 1)..source.LastIndexOf("        " + End, StringComparison.Ordinal)]
            .Split('\n').Select(line => line.Length > 8 ? line[8..] : line.Trim());
        var documentation = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/dipnet.md"));

        Assert.Contains(string.Join('\n', lines).Trim(), documentation, StringComparison.Ordinal);
    }

    private static string Here([CallerFilePath] string here = "") => here;
}
