using System.Diagnostics;
using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Protos;
using Dipnet.Worker.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>Image classification: a vision transformer or a perceptron on one of the image data sets.</summary>
internal sealed class ClassificationWorkload : IWorkload
{
    private const int TestBatch = 32;

    private readonly JobSpec _job;
    private readonly Device _device;
    private readonly DataSet _data;
    private readonly nn.Module<Tensor, Tensor> _model;
    private readonly ProjectionOptions? _projections;
    private readonly IReadOnlyList<(string Name, GaussianProjection Projection)> _named;
    private readonly GaussianProjection[] _list;

    public ClassificationWorkload(JobSpec job, DataSet data, Device device)
    {
        (_job, _data, _device) = (job, data, device);
        _projections = ProjectionSettings.Of(job.Dipnet);
        _model = CreateModel(job, data.Training, _projections);
        if (device.type != DeviceType.CPU)
        {
            _model.to(device);
        }

        _model.train();
        _named = ((IProjectedModel)_model).Projections;
        _list = [.. _named.Select(p => p.Projection)];
        var ofProjections = _named.Select(p => p.Name + ".rho").ToHashSet();
        var named = _model.named_parameters().Where(p => p.parameter.requires_grad).ToArray();
        Parameters =
        [
            .. named.Where(p => !ofProjections.Contains(p.name))
                .Select((p, i) => (Parameter: new TrainableParameter(p.name, p.parameter, ParameterGroup.Weights, StageIndex.Of((IStagedModel)_model, p.name)), Order: i))
                .OrderBy(p => p.Parameter.Stage).ThenBy(p => p.Order).Select(p => p.Parameter),
            .. named.Where(p => ofProjections.Contains(p.name))
                .Select(p => new TrainableParameter(p.name, p.parameter, ParameterGroup.Projections, StageIndex.Of((IStagedModel)_model, p.name))),
        ];
        RunningState = [.. _model.named_buffers().Select(b => b.buffer)];
    }

    public torch.nn.Module Model => _model;

    public IReadOnlyList<TrainableParameter> Parameters { get; }

    public IReadOnlyList<Tensor> RunningState { get; }

    public int TrainingSamples => _data.Training.Count;

    public long Targets { get; private set; }

    public double DataSeconds { get; private set; }

    public Func<int, Tensor, Tensor>? Tap
    {
        set => ((IStagedModel)_model).Tap = value;
    }

    public LossTerms Loss(ReadOnlySpan<int> sampleIds, ulong step, int microbatch)
    {
        using var scope = torch.NewDisposeScope();
        var begin = Stopwatch.GetTimestamp();
        var (pixels, labels) = Batch(_data.Training, sampleIds);
        DataSeconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        Targets = sampleIds.Length;
        var k = _projections?.Trajectories ?? 1;
        using var noise = NoiseScope.Begin(new NoiseKey(_job.Seed, step, microbatch), k);
        using var precision = _job.Precision == "bf16" ? new Autocast(_device.type) : default;
        var logits = _model.call(k == 1 ? pixels : pixels.repeat(k, 1, 1, 1));
        var terms = Objective.Classification(logits, labels, _list, _projections);
        scope.MoveToOuter(terms.Total, terms.Nll, terms.Penalty, terms.Stability);
        return terms;
    }

    public EvalCounts Evaluate(int part, int parts, CancellationToken interrupt)
    {
        var options = _job.Eval;
        var evaluation = new Evaluation(_model, new EvaluationOptions { Trajectories = (int)options.Trajectories, Seed = _job.Seed, BatchSize = TestBatch });
        using var scope = torch.NewDisposeScope();
        var test = _data.Test.Take((int)options.Samples);
        var (images, labels) = Batch(test, Enumerable.Range(0, test.Count).ToArray());
        var counts = new EvalCounts();
        _model.eval();
        try
        {
            var clean = evaluation.Clean(images, labels, part, parts);
            (counts.Samples, counts.Correct) = ((ulong)clean.Total, (ulong)clean.Correct);
            if (options.NoiseSigma > 0 && !interrupt.IsCancellationRequested)
            {
                var noise = evaluation.Noise(images, labels, options.NoiseSigma, part, parts);
                (counts.Noised, counts.NoiseCorrect) = ((ulong)noise.Total, (ulong)noise.Correct);
            }

            if (options.AttackSamples > 0 && options.AttackSteps > 0 && options.AttackEpsilon > 0 && !interrupt.IsCancellationRequested)
            {
                var n = Math.Min(options.AttackSamples, images.shape[0]);
                var attacked = evaluation.Attacked(
                    images.narrow(0, 0, n), labels.narrow(0, 0, n), AttackOptions.Pgd(options.AttackEpsilon, (int)options.AttackSteps), part, parts);
                (counts.Attacked, counts.AttackCorrect) = ((ulong)attacked.Total, (ulong)attacked.Correct);
            }
        }
        finally
        {
            _model.train();
        }

        return counts;
    }

    public IReadOnlyList<LayerSigma> Sigma() => ProjectionSettings.Sigma(_named);

    public void Dispose() => _model.Dispose();

    private static nn.Module<Tensor, Tensor> CreateModel(JobSpec job, ImageSet images, ProjectionOptions? projections) => job.Model.Kind switch
    {
        "vit" => new VisionTransformer(new VisionTransformerOptions
        {
            ImageSize = images.Height == images.Width ? images.Height : throw new ArgumentException($"model.kind vit needs square images, the data set's are {images.Height} × {images.Width}"),
            Channels = images.Channels,
            Patch = (int)job.Model.Patch,
            Dim = (int)job.Model.Dim,
            Depth = (int)job.Model.Depth,
            Heads = (int)job.Model.Heads,
            MlpRatio = (int)job.Model.MlpRatio,
            Classes = images.Classes,
            Seed = job.Seed,
            Projections = projections,
        })
        { ActivationCheckpointing = job.ActivationCheckpointing },
        "mlp" => new MultilayerPerceptron(new MultilayerPerceptronOptions
        {
            Inputs = images.SampleSize,
            Dim = (int)job.Model.Dim,
            Depth = (int)job.Model.Depth,
            Classes = images.Classes,
            Seed = job.Seed,
            Projections = projections,
        }),
        _ => throw new ArgumentException($"model.kind \"{job.Model.Kind}\" with data.name \"{job.Data.Name}\": must be vit or mlp"),
    };

    private (Tensor Pixels, Tensor Labels) Batch(ImageSet set, ReadOnlySpan<int> ids)
    {
        var pixels = torch.empty([ids.Length, set.Channels, set.Height, set.Width]);
        var labels = torch.empty([ids.Length], ScalarType.Int64);
        unsafe
        {
            set.Fill(ids, new Span<float>((void*)BlobTensor.Pointer(pixels), ids.Length * set.SampleSize), new Span<long>((void*)BlobTensor.Pointer(labels), ids.Length));
        }

        return (DeviceTensor.Send(pixels, _device), DeviceTensor.Send(labels, _device));
    }
}
