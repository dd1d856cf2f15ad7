using Dipnet.Coordinator.Jobs;
using Xunit;

namespace Dipnet.Coordinator.Tests.Jobs;

public sealed class JobFileTests
{
    [Fact]
    public void Load_EmptyFile_IsTheDefaultJob()
    {
        var load = Parse("");

        Assert.Empty(load.Errors);
        Assert.Equal("digits", load.Job!.Data.Name);
        Assert.Equal(2u, load.Job.Model.Patch);
        Assert.Equal(1u, load.Job.ThreadsPerWorker);
        Assert.Equal(8u, load.Job.Workers.Maximum);
        Assert.Equal(10u, load.Job.Epochs);
        Assert.Equal(113u, load.Job.Steps);
        Assert.Equal("my-job", load.Job.Name);
    }

    [Fact]
    public void Load_EveryKindOfValue_IsRead()
    {
        var load = Parse("""
            model: { kind: llama, depth: 2, path: '' }
            data: { name: jsonl, path: a/b.jsonl, format: chat }
            optimizer:
              weights:
                learning-rate: 2e-3
              projections: { learning-rate: .5 }
            lora: { enabled: true, targets: [q_proj, o_proj] }
            steps: 7
            seed: 18446744073709551615
            """);

        Assert.Empty(load.Errors);
        Assert.Equal(2u, load.Job!.Model.Depth);
        Assert.Equal(2e-3f, load.Job.Optimizer.Weights.LearningRate);
        Assert.Equal(0.5f, load.Job.Optimizer.Projections.LearningRate);
        Assert.Equal("q_proj,o_proj", load.Job.Lora.Targets);
        Assert.Equal(ulong.MaxValue, load.Job.Seed);
        Assert.Equal(0.02f, load.Job.Dipnet.Sigma);
        Assert.False(load.Job.Dipnet.Input);
    }

    [Fact]
    public void Load_ManyMistakes_ReportsAllWithTheirLines()
    {
        var load = Parse("""
            model:
              kind: vitt
              dept: 3
              dim: wide
            data:
              name: imagenet
            dipnet:
              sigma: -1
              gamma: 0.5
              trajectories: 1
            microbatches: 6
            checkpoint: 5
            epochs: [1]
            seed:
            """);

        Assert.Null(load.Job);
        Assert.Equal(
            [
                "my-job.yaml:2: model.kind = vitt: must be one of vit, mlp, llama, gpt2, hugging-face",
                "my-job.yaml:3: model.dept = 3: is not a key of a job file; did you mean model.depth?",
                "my-job.yaml:4: model.dim = wide: must be an integer, 1 … 65536",
                "my-job.yaml:6: data.name = imagenet: must be one of digits, fashion-mnist, mnist, cifar10, text, jsonl, arithmetic",
                "my-job.yaml:8: dipnet.sigma = -1: must be a number, > 0, ≤ 10",
                "my-job.yaml:9: dipnet.gamma = 0.5: above 0 needs dipnet.trajectories ≥ 2",
                "my-job.yaml:11: microbatches = 6: must be a power of two",
                "my-job.yaml:12: checkpoint = 5: must be a group of keys",
                "my-job.yaml:13: epochs = […]: must be a single value",
                "my-job.yaml:14: seed: has no value",
            ],
            load.Errors.Select(error => error.ToString()));
    }

    [Theory]
    [InlineData("model: { heads: 5 }", "model.heads")]
    [InlineData("model: { patch: 3 }", "model.patch")]
    [InlineData("global-batch: 100", "global-batch")]
    [InlineData("{ epochs: 2, steps: 5 }", "steps")]
    [InlineData("{ epochs: 0, steps: 0 }", "steps")]
    [InlineData("workers: { count: 9 }", "workers.count")]
    [InlineData("workers: { maximum: 9 }", "workers.maximum")]
    [InlineData("workers: { minimum: 3 }", "workers.minimum")]
    [InlineData("lora: { enabled: true }", "lora.enabled")]
    [InlineData("devices: gpu", "devices")]
    [InlineData("name: a/b", "name")]
    [InlineData("data: { name: text, path: x }", "data.name")]
    [InlineData("{ data: { name: arithmetic }, model: { kind: llama }, epochs: 3 }", "epochs")]
    [InlineData("{ data: { name: jsonl }, model: { kind: gpt2 } }", "data.name")]
    [InlineData("{ data: { name: arithmetic }, model: { kind: hugging-face } }", "model.kind")]
    [InlineData("{ model: { path: folder } }", "model.path")]
    [InlineData("{ model: { kind: gpt2 }, data: { name: arithmetic }, dipnet: { input: true } }", "dipnet.input")]
    [InlineData("exchange: { transport: ipx }", "exchange.transport")]
    [InlineData("optimizer: { weights: { learning-rate: nan } }", "optimizer.weights.learning-rate")]
    [InlineData("steps: 1.5", "steps")]
    [InlineData("steps: -1", "steps")]
    public void Load_BrokenRule_IsReportedOnce(string yaml, string key)
    {
        var error = Assert.Single(Parse(yaml).Errors);

        Assert.Equal(key, error.Key);
        Assert.Equal(1, error.Line);
    }

    [Fact]
    public void Load_KeyGivenTwice_IsAnError()
    {
        var error = Assert.Single(Parse("seed: 1\nseed: 2\n").Errors);

        Assert.Equal("my-job.yaml:2: seed = 2: is given twice", error.ToString());
    }

    [Fact]
    public void Load_NotYaml_NamesTheLine()
    {
        var error = Assert.Single(Parse("model: {\n  kind: vit\n").Errors);

        Assert.Contains("is not YAML", error.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_MissingFile_IsAnError()
    {
        var error = Assert.Single(JobFile.Load("/no/such/job.yaml", []).Errors);

        Assert.StartsWith("/no/such/job.yaml: there is no such file", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Override_OfAFileValue_Wins()
    {
        var load = Parse("{ epochs: 3, seed: 5 }", "steps=20", "model.dim=32");

        Assert.Equal(20u, load.Job!.Steps);
        Assert.Equal(0u, load.Job.Epochs);
        Assert.Equal(32u, load.Job.Model.Dim);
        Assert.Equal(5ul, load.Job.Seed);
    }

    [Fact]
    public void Override_Wrong_NamesTheFlag()
    {
        var load = Parse("", "model.dmi=32", "model=3", "seed=x", "model.heads=7");

        Assert.Equal(
            [
                "--set: model.dmi = 32: is not a key of a job file; did you mean model.dim?",
                "--set: model = 3: is a group of keys; name one of them",
                "--set: seed = x: must be an integer, 0 or more",
                "--set: model.heads = 7: must divide model.dim (64)",
            ],
            load.Errors.Select(error => error.ToString()));
    }

    private static JobLoad Parse(string yaml, params string[] sets) =>
        JobFile.Parse(yaml, "my-job.yaml", [.. sets.Select(JobOverride.FromSet)]);
}
