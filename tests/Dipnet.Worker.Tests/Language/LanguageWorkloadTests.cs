using System.Text;
using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Data;
using Dipnet.Worker.Language;
using TorchSharp;

namespace Dipnet.Worker.Tests.Language;

public sealed class LanguageWorkloadTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public LanguageWorkloadTests() => torch.set_num_threads(1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Loss_MicrobatchesOfUnequalTargets_AddUpToTheMeanOverAllTargets()
    {
        // Prompts of very different lengths: rows differ in how many targets they have.
        var lines = Enumerable.Range(0, 40).Select(i => $$"""{"prompt": "{{new string('a', 1 + 13 * i % 29)}}", "completion": "{{i}}"}""");
        var job = LanguageJobs.Jsonl(_folder.Write("pairs.jsonl", Encoding.UTF8.GetBytes(string.Join('\n', lines))));
        job.Dipnet.Enabled = false;
        var apart = Nll(job);
        job.Microbatches = 1;
        var whole = Nll(job);

        Assert.NotEqual(apart.Targets[0], apart.Targets[1]);
        Assert.Equal(whole.Targets.Sum(), apart.Targets.Sum());
        Assert.Equal(whole.Mean, apart.Mean, 1e-5);

        static (double Mean, long[] Targets) Nll(JobSpec job)
        {
            using var workload = new LanguageWorkload(job, torch.CPU);
            var order = new SampleOrder(workload.TrainingSamples, job.Seed, (int)job.GlobalBatch, (int)job.Microbatches);
            var ids = new int[order.MicrobatchSize];
            var (sum, targets) = (0.0, new List<long>());
            for (var microbatch = 0; microbatch < job.Microbatches; microbatch++)
            {
                using var scope = torch.NewDisposeScope();
                order.Fill(0, microbatch, ids);
                sum += workload.Loss(ids, 0, microbatch).Nll.item<float>();
                targets.Add(workload.Targets);
            }

            return (sum / job.Microbatches, [.. targets]);
        }
    }

    [Fact]
    public void Evaluate_InAnyNumberOfParts_AddsUpToTheSameBits()
    {
        using var workload = new LanguageWorkload(LanguageJobs.Arithmetic(), torch.CPU);
        var whole = workload.Evaluate(0, 1, default);
        var parts = Enumerable.Range(0, 3).Select(p => workload.Evaluate(p, 3, default)).ToList();

        Assert.True(whole.NllSum > 0);
        Assert.Equal(whole.NllSum, parts.Sum(p => p.NllSum));
        Assert.Equal(whole.Tokens, (ulong)parts.Sum(p => (long)p.Tokens));
        Assert.Equal(3ul, whole.Samples);
        Assert.Equal(3ul, whole.Typos);
        Assert.Equal(whole.Samples, (ulong)parts.Sum(p => (long)p.Samples));
    }

    [Fact]
    public void Parameters_OfProjectedModel_AreInGroupsAndInStageOrder()
    {
        using var workload = new LanguageWorkload(LanguageJobs.Arithmetic(), torch.CPU);
        var weights = workload.Parameters.TakeWhile(p => p.Group == ParameterGroup.Weights).ToList();
        var projections = workload.Parameters.Skip(weights.Count).ToList();

        Assert.All(projections, p => Assert.Equal(ParameterGroup.Projections, p.Group));
        Assert.Equal(3, projections.Count);
        Assert.Equal("model.embed_tokens.weight", weights[0].Name);
        Assert.Equal(-1, weights[0].Stage);
        Assert.Equal(weights.Select(p => p.Stage).Order(), weights.Select(p => p.Stage));
        Assert.Equal((8, 8), (weights[^1].Stage, projections[^1].Stage));
    }

    [Fact]
    public void Loss_Adapters_TrainThemAndTheProjectionsAlone()
    {
        var job = LanguageJobs.Arithmetic();
        job.Lora = new LoraSpec { Enabled = true, Rank = 2, Alpha = 4, Targets = "q_proj,v_proj" };
        using var workload = new LanguageWorkload(job, torch.CPU);

        Assert.Equal(2 * 2 * 2 + 3, workload.Parameters.Count);
        Assert.All(workload.Parameters, p => Assert.True(p.Name.Contains(".lora_", StringComparison.Ordinal) || p.Group == ParameterGroup.Projections, p.Name));
        using var scope = torch.NewDisposeScope();
        workload.Loss([0, 1], 0, 0).Total.backward();
        Assert.All(workload.Parameters, p => Assert.True(p.Parameter.grad is not null, p.Name));
        Assert.All(workload.Model.named_parameters().Where(p => !p.parameter.requires_grad), p => Assert.True(p.parameter.grad is null, p.name));
    }

    [Fact]
    public void Open_TextWithoutTokenizer_ReadsBytesAndKeepsTheLastTenthApart()
    {
        var text = string.Concat(Enumerable.Range(0, 500).Select(i => $"line {i}\n"));
        var job = LanguageJobs.Arithmetic();
        job.Data = new DataSpec { Name = "text", Path = _folder.Write("text.txt", Encoding.UTF8.GetBytes(text)) };
        job.Model.Context = 96;
        using var workload = new LanguageWorkload(job, torch.CPU);

        // All tokens but the first are predicted: the text's bytes and the end token.
        var rows = (text.Length + 1 + 95) / 96;
        Assert.Equal(rows - rows / 10, workload.TrainingSamples);
        var counts = workload.Evaluate(0, 1, default);
        Assert.True(counts.Tokens > 0);
        Assert.Equal(0ul, counts.Samples);
    }

    [Fact]
    public void Open_ArithmeticWithALimit_TrainsOnTheFirstRowsOfTheEndlessSet()
    {
        var job = LanguageJobs.Arithmetic();
        var tokenizer = LanguageModels.Tokenizer(job);
        using var endless = LanguageDataSets.Open(job, tokenizer, 192);
        job.Data.Limit = 5;
        using var finite = LanguageDataSets.Open(job, tokenizer, 192);

        Assert.Equal(5, finite.Training.Count);
        Assert.All(Enumerable.Range(0, 5), row => Assert.Equal(endless.Training[row].Tokens, finite.Training[row].Tokens));
        Assert.Throws<ArgumentOutOfRangeException>(() => finite.Training[5]);
        Assert.Equal(endless.Problems, finite.Problems);
    }

    [Theory]
    [InlineData("arithmetic", 16u, "model.context 16: a problem of data.level 1")]
    [InlineData("text", 96u, "no such file")]
    public void Create_WrongJob_NamesKeyValueAndRule(string data, uint context, string rule)
    {
        var job = LanguageJobs.Arithmetic();
        job.Data = new DataSpec { Name = data, Path = "/nonexistent/text.txt", Level = 1 };
        job.Model.Context = context;

        var error = Assert.Throws<DataException>(() => new LanguageWorkload(job, torch.CPU));

        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
    }
}
