using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dipnet.Modules;

/// <summary>
/// Accuracy of a classifier, clean, under noise, corruptions and attacks. Predictions average trajectories, and attacks differentiate that average with fresh
/// noise in every step (expectation over transformation): noise must not be able to hide the gradient.
/// </summary>
/// <remarks>
/// Every result is a function of model, data, options and seed alone. Data is cut into batches of <see cref="EvaluationOptions.BatchSize"/> from the first sample on;
/// part p of n takes batches p, p + n, …, so the counts of all parts add up to those of one. Parameters' <c>requires_grad</c> and the training mode are restored.
/// Not thread-safe: one evaluation a model at a time.
/// </remarks>
public sealed class Evaluation
{
    private readonly nn.Module<Tensor, Tensor> model;
    private readonly EvaluationOptions options;
    private readonly int trajectories;

    public Evaluation(nn.Module<Tensor, Tensor> model, EvaluationOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Trajectories);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BatchSize, 1);
        this.model = model;
        this.options = options;
        trajectories = options.Trajectories > 0 && ProjectionList.Of(model).Count == 0 ? 1 : options.Trajectories;
    }

    /// <summary>Accuracy on the images as they are. Images [n, …] in [0, 1], labels [n] int64, on the model's device.</summary>
    public EvaluationCounts Clean(Tensor images, Tensor labels, int part = 0, int parts = 1) => Count(images, labels, part, parts, (x, _, _) => x.alias());

    /// <summary>Accuracy under Gaussian noise of standard deviation <paramref name="sigma"/> on the pixels, clipped to [0, 1].</summary>
    public EvaluationCounts Noise(Tensor images, Tensor labels, float sigma, int part = 0, int parts = 1) =>
        Count(images, labels, part, parts, (x, _, batch) => (x + InputNoise(x, batch) * sigma).clamp_(0, 1));

    /// <summary>Accuracy under a corruption; severity 1 … 5.</summary>
    public EvaluationCounts Corrupted(Tensor images, Tensor labels, Corruption corruption, int severity, int part = 0, int parts = 1) =>
        Count(images, labels, part, parts, (x, _, batch) => Corruptions.Apply(corruption, severity, x, CorruptionKey(batch)));

    /// <summary>Accuracy under an attack.</summary>
    public EvaluationCounts Attacked(Tensor images, Tensor labels, AttackOptions attack, int part = 0, int parts = 1) =>
        Count(images, labels, part, parts, (x, y, batch) => Attack(x, y, attack, batch));

    /// <summary>The attacked inputs of one batch, within ε of <paramref name="images"/> and in [0, 1].</summary>
    public Tensor Attack(Tensor images, Tensor labels, AttackOptions attack, int batch)
    {
        using var scope = torch.NewDisposeScope();
        using var frozen = new FrozenParameters(model);
        using var enabled = torch.enable_grad();
        var lower = (images - attack.Epsilon).clamp_(0, 1);
        var upper = (images + attack.Epsilon).clamp_(0, 1);
        var attacked = images.detach().clone();
        if (attack.RandomStart)
            attacked = (attacked + InputNoise(images, batch).clamp_(-1, 1) * attack.Epsilon).clamp_(0, 1);
        for (var step = 0; step < attack.Steps; step++)
        {
            using var inner = torch.NewDisposeScope();
            var x = attacked.detach().requires_grad_(true);
            var loss = F.nll_loss(Predict(x, batch, step + 1), labels, reduction: nn.Reduction.Sum);
            var gradient = autograd.grad([loss], [x])[0];
            using var none = torch.no_grad();
            attacked.copy_(attacked.add(gradient.sign_(), attack.Step).maximum(lower).minimum(upper));
        }
        return attacked.MoveToOuterDisposeScope();
    }

    // Draw 0 of a batch is the final prediction; attacks use the draws after it.
    private Tensor Predict(Tensor x, int batch, int draw) => trajectories == 0
        ? Prediction.Mean(model, x)
        : Prediction.Sampled(model, x, new NoiseKey(options.Seed, (ulong)batch, draw) { Purpose = NoisePurpose.Prediction }, trajectories);

    private EvaluationCounts Count(Tensor images, Tensor labels, int part, int parts, Func<Tensor, Tensor, int, Tensor> change)
    {
        if (part < 0 || part >= parts)
            throw new ArgumentOutOfRangeException(nameof(part), part, $"must be 0 … {parts - 1}");
        if (images.shape[0] != labels.shape[0])
            throw new ArgumentException($"{images.shape[0]} images but {labels.shape[0]} labels", nameof(labels));
        using var frozen = new FrozenParameters(model);
        var counts = default(EvaluationCounts);
        var samples = images.shape[0];
        for (long batch = part; batch * options.BatchSize < samples; batch += parts)
        {
            using var scope = torch.NewDisposeScope();
            using var none = torch.no_grad();
            var start = batch * options.BatchSize;
            var count = Math.Min(options.BatchSize, samples - start);
            var y = labels.narrow(0, start, count);
            var x = change(images.narrow(0, start, count), y, (int)batch);
            var logProbabilities = Predict(x, (int)batch, 0);
            var correct = logProbabilities.argmax(1).eq(y).sum().item<long>();
            counts += new EvaluationCounts(correct, count, F.nll_loss(logProbabilities, y, reduction: nn.Reduction.Sum).item<float>());
        }
        return counts;
    }

    private NoiseKey CorruptionKey(int batch) => new(options.Seed, (ulong)batch, 0) { Purpose = NoisePurpose.Corruption };

    private Tensor InputNoise(Tensor like, int batch) => KeyedTensor.Normal(like.shape, CorruptionKey(batch), like.device);
}
