using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Evaluations;

public sealed class EvaluationTests
{
    private static readonly EvaluationOptions Options = new() { Trajectories = 4, Seed = 9, BatchSize = 16 };

    [Fact]
    public void Counts_OfParts_AddUpToTheWhole()
    {
        using var scope = torch.NewDisposeScope();
        var model = BlobImages.Train(new ProjectionOptions());
        var (images, labels) = BlobImages.Draw(100, 77);
        var evaluation = new Evaluation(model, Options);
        foreach (var run in new Func<int, int, EvaluationCounts>[]
        {
            (p, n) => evaluation.Clean(images, labels, p, n),
            (p, n) => evaluation.Noise(images, labels, 0.3f, p, n),
            (p, n) => evaluation.Corrupted(images, labels, Corruption.Rotation, 3, p, n),
            (p, n) => evaluation.Attacked(images, labels, AttackOptions.Pgd(0.1f, 3), p, n),
        })
        {
            var whole = run(0, 1);
            var sum = run(0, 3) + run(1, 3) + run(2, 3);
            Assert.Equal(100, whole.Total);
            Assert.Equal((whole.Correct, whole.Total), (sum.Correct, sum.Total));
            Assert.Equal(whole.Nll, sum.Nll, 1e-6);
            Assert.Equal(whole, run(0, 1));
        }
    }

    [Fact]
    public void Accuracy_OfATrainedModel_FallsFromCleanToFgsmToPgd()
    {
        using var scope = torch.NewDisposeScope();
        var model = BlobImages.TrainPerceptron(null);
        var (images, labels) = BlobImages.Draw(200, 777);
        var evaluation = new Evaluation(model, Options);
        var clean = evaluation.Clean(images, labels);
        var fgsm = evaluation.Attacked(images, labels, AttackOptions.Fgsm(0.15f));
        var pgd = evaluation.Attacked(images, labels, AttackOptions.Pgd(0.15f, 10));
        Assert.InRange(clean.Accuracy, 0.95, 1);
        Assert.True(fgsm.Nll > clean.Nll && pgd.Nll > fgsm.Nll, $"{clean} {fgsm} {pgd}");
        Assert.True(pgd.Correct <= fgsm.Correct && fgsm.Correct <= clean.Correct, $"{clean} {fgsm} {pgd}");
    }

    [Fact]
    public void Attack_AnyInput_StaysInTheBallAndRaisesTheLoss()
    {
        using var scope = torch.NewDisposeScope();
        var model = BlobImages.Train(new ProjectionOptions());
        var (images, labels) = BlobImages.Draw(32, 5);
        var evaluation = new Evaluation(model, Options);
        foreach (var attack in new[] { AttackOptions.Fgsm(0.1f), AttackOptions.Pgd(0.1f, 5), AttackOptions.Pgd(0.1f, 5) with { RandomStart = true } })
        {
            var attacked = evaluation.Attack(images, labels, attack, 0);
            Assert.InRange((attacked - images).abs().max().item<float>(), 0.05f, 0.1f + 1e-6f);
            Assert.InRange(attacked.min().item<float>(), 0f, 1f);
            Assert.InRange(attacked.max().item<float>(), 0f, 1f);
            Assert.True(evaluation.Clean(attacked, labels).Nll > evaluation.Clean(images, labels).Nll);
        }
    }

    [Fact]
    public void Evaluation_OfAModelInTraining_RestoresModeAndGradients()
    {
        using var scope = torch.NewDisposeScope();
        var model = BlobImages.Train(null, steps: 1);
        var frozen = model.parameters().First();
        frozen.requires_grad = false;
        model.train();
        var (images, labels) = BlobImages.Draw(16, 5);
        new Evaluation(model, Options).Attacked(images, labels, AttackOptions.Fgsm(0.1f));
        Assert.True(model.training);
        Assert.False(frozen.requires_grad);
        Assert.All(model.parameters().Skip(1), p => Assert.True(p.requires_grad));
    }

    [Fact]
    public void Sampled_ManyTrajectories_AveragesProbabilities()
    {
        using var scope = torch.NewDisposeScope();
        var model = BlobImages.Train(new ProjectionOptions { Sigma = 0.5f }, steps: 5);
        var (images, _) = BlobImages.Draw(8, 5);
        var key = new NoiseKey(3, 4, 5) { Purpose = NoisePurpose.Prediction };
        using var none = torch.no_grad();
        var sum = torch.zeros(8, 4);
        for (var t = 0; t < 4; t++)
        {
            using var noise = NoiseScope.Begin(key, 1, t);
            sum += nn.functional.softmax(model.call(images), 1) / 4;
        }
        var averaged = Prediction.Sampled(model, images, key, 4);
        Assert.True(averaged.exp().allclose(sum, 1e-4, 1e-5));
        Assert.True(averaged.exp().sum(1).allclose(torch.ones(8), 1e-4, 1e-5));
    }

    [Fact]
    public void Attacked_Repeatedly_LeavesNoTensorBehind()
    {
        using var scope = torch.NewDisposeScope();
        var model = BlobImages.Train(new ProjectionOptions(), steps: 1);
        var (images, labels) = BlobImages.Draw(64, 5);
        var evaluation = new Evaluation(model, Options);
        evaluation.Attacked(images, labels, AttackOptions.Pgd(0.1f, 3));
        var before = LiveTensors.Count();
        for (var i = 0; i < 4; i++)
            evaluation.Attacked(images, labels, AttackOptions.Pgd(0.1f, 3));
        Assert.Equal(before, LiveTensors.Count());
    }
}
