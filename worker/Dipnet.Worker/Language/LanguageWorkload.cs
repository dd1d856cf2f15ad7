using System.Diagnostics;
using Dipnet.Exchange;
using Dipnet.Modules;
using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Data;
using Dipnet.Worker.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Language;

/// <summary>
/// Next-token prediction with a decoder model on packed sequences. The objective is a mean over all targets of the step, however they fall on microbatches:
/// a leaf is weighted by its share of them, which every worker can count for itself.
/// </summary>
internal sealed class LanguageWorkload : IWorkload
{
    private readonly JobSpec _job;
    private readonly Device _device;
    private readonly TextTokenizer _tokenizer;
    private readonly DecoderModel _model;
    private readonly LanguageData _data;
    private readonly ProjectionOptions? _projections;
    private readonly IReadOnlyList<(string Name, GaussianProjection Projection)> _named;
    private readonly GaussianProjection[] _list;
    private readonly SampleOrder _order;
    private readonly int _microbatches;
    private (ulong Step, long Targets) _counted = (ulong.MaxValue, 0);

    public LanguageWorkload(JobSpec job, Device device)
    {
        (_job, _device, _projections, _microbatches) = (job, device, ProjectionSettings.Of(job.Dipnet), (int)job.Microbatches);
        _tokenizer = LanguageModels.Tokenizer(job);
        _model = LanguageModels.Build(job, _tokenizer);
        try
        {
            _data = LanguageDataSets.Open(job, _tokenizer, (int)job.Model.Context);
        }
        catch
        {
            _model.Dispose();
            throw;
        }

        if (device.type != DeviceType.CPU)
        {
            _model.to(device);
        }

        _model.train();
        _named = _projections is null ? [] : _model.Projections;
        _list = [.. _named.Select(p => p.Projection)];
        _order = new SampleOrder(_data.Training.Count, job.Seed, (int)job.GlobalBatch, _microbatches);
        Parameters = TrainableParameters();
    }

    public torch.nn.Module Model => _model;

    public IReadOnlyList<TrainableParameter> Parameters { get; }

    public IReadOnlyList<Tensor> RunningState => [];

    public int TrainingSamples => _data.Training.Count;

    public long Targets { get; private set; }

    public double DataSeconds { get; private set; }

    public Func<int, Tensor, Tensor>? Tap
    {
        set => _model.Tap = value;
    }

    public LossTerms Loss(ReadOnlySpan<int> sampleIds, ulong step, int microbatch)
    {
        using var scope = torch.NewDisposeScope();
        var begin = Stopwatch.GetTimestamp();
        var batch = SequenceBatch.Of(_data.Training, sampleIds, _device);
        var share = batch.TargetCount * (double)_microbatches / TargetsOf(step);
        (Targets, DataSeconds) = (batch.TargetCount, Stopwatch.GetElapsedTime(begin).TotalSeconds);
        var k = _projections?.Trajectories ?? 1;
        using var noise = _projections is null ? null : NoiseScope.Begin(new NoiseKey(_job.Seed, step, microbatch), k);
        using var precision = Precision();
        var logProbabilities = LogProbabilities(batch, k);
        var nll = nn.functional.nll_loss(logProbabilities, k == 1 ? batch.Labels : batch.Labels.repeat(k)) * share;
        var stability = k > 1 && _projections!.Gamma > 0 ? Objective.Stability(logProbabilities.exp(), k) * share : torch.zeros([], ScalarType.Float32, _device);
        var terms = Objective.Combine(nll, stability, _list, _projections);
        scope.MoveToOuter(terms.Total, terms.Nll, terms.Penalty, terms.Stability);
        return terms;
    }

    public EvalCounts Evaluate(int part, int parts, CancellationToken interrupt)
    {
        _model.eval();
        try
        {
            var counts = new EvalCounts();
            var trajectories = _projections is null ? 0 : (int)_job.Eval.Trajectories;
            new HeldOutLikelihood(_model, _job, _device).Add(_data.Test, trajectories, part, parts, counts, interrupt);
            if (_data.Problems.Count > 0)
            {
                new HeldOutProblems(_model, _tokenizer, _job).Add(_data.Problems, trajectories, part, parts, counts, interrupt);
            }

            return counts;
        }
        finally
        {
            _model.train();
        }
    }

    public IReadOnlyList<LayerSigma> Sigma() => ProjectionSettings.Sigma(_named);

    public void Dispose()
    {
        _model.Dispose();
        _data.Dispose();
    }

    private Autocast Precision() => _job.Precision == "bf16" ? new Autocast(_device.type) : default;

    // Log-probabilities of the targets alone, [k·n, vocabulary], trajectory-major: the head of a large vocabulary costs more than a block.
    private Tensor LogProbabilities(SequenceBatch batch, int k)
    {
        using var scope = torch.NewDisposeScope();
        var input = k == 1
            ? batch.Input
            : new DecoderInput(batch.Input.Tokens.repeat(k, 1), batch.Input.Documents?.repeat(k, 1), batch.Input.Positions?.repeat(k, 1));
        var hidden = _model.Hidden(input);
        var width = hidden.shape[^1];
        var rows = hidden.reshape(k, -1, width).index_select(1, batch.Places).view(-1, width);
        return Objective.LogProbabilities(_model.Head(rows)).MoveToOuterDisposeScope();
    }

    private long TargetsOf(ulong step)
    {
        if (_counted.Step != step)
        {
            var ids = new int[_order.MicrobatchSize];
            long targets = 0;
            for (var microbatch = 0; microbatch < _microbatches; microbatch++)
            {
                _order.Fill(step, microbatch, ids);
                targets += ids.Sum(id => (long)_data.Training[id].TargetCount);
            }

            _counted = (step, targets);
        }

        return _counted.Targets;
    }

    private IReadOnlyList<TrainableParameter> TrainableParameters()
    {
        var ofProjections = _model.Projections.Select(p => p.Name + ".rho").ToHashSet();
        var named = _model.named_parameters().Where(p => p.parameter.requires_grad).Select((p, i) => (
            Order: i,
            Parameter: new TrainableParameter(
                p.name, p.parameter, ofProjections.Contains(p.name) ? ParameterGroup.Projections : ParameterGroup.Weights, StageIndex.Of(_model, p.name))));
        return [.. named.OrderBy(p => p.Parameter.Group).ThenBy(p => p.Parameter.Stage).ThenBy(p => p.Order).Select(p => p.Parameter)];
    }
}
