using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Checkpoints;
using Dipnet.Worker.Commands;
using Dipnet.Worker.Language;
using Dipnet.Worker.Tests.Cluster;
using static TorchSharp.torch;

namespace Dipnet.Worker.Tests.Language;

public sealed class LanguageExportTests : IDisposable
{
    private const string Question = "Tom has 3 apples. How many?";

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Output => _folder.File("out");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Export_OfARun_IsAModelFolderThatComputesTheSame(bool lora)
    {
        var job = Job(lora);
        var checkpoint = await TrainAsync(job);
        Assert.Equal(0, Export(lora ? ["--adapters"] : []));

        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var trained = LanguageModels.Build(job, LanguageModels.Tokenizer(job));
        CheckpointWeights.Fill(checkpoint, trained);
        using var exported = DecoderFolder.Load(Output);
        var tokenizer = TokenizerFiles.Load(Output);
        Assert.Equal(new ByteTokenizer().Encode(Question, begin: true), tokenizer.Encode(Question, begin: true));
        Assert.Equal(new ByteTokenizer().EndTokens, tokenizer.EndTokens);
        var tokens = tensor(tokenizer.Encode(Question, begin: true).Select(t => (long)t).ToArray()).unsqueeze(0);
        var logits = trained.call(tokens);
        Assert.InRange((exported.call(tokens) - logits).abs().max().item<float>(), 0, lora ? 1e-5f : 0);
        Assert.Equal(3, exported.Projections.Count);
        Assert.All(trained.Projections.Zip(exported.Projections), p => Assert.True(p.First.Projection.rho.eq(p.Second.Projection.rho).all().item<bool>()));
        if (lora)
        {
            using var adapted = LanguageModels.Build(Job(lora: false), LanguageModels.Tokenizer(job));
            Assert.True((adapted.call(tokens) - logits).abs().max().item<float>() > 1e-4f);
            AdapterFolder.Load(adapted, Path.Combine(Output, "adapters"));
            Assert.True(adapted.call(tokens).eq(logits).all().item<bool>());
        }
    }

    [Fact]
    public async Task Export_TokenizerFileOfAnyName_IsFoundInTheFolder()
    {
        Directory.CreateDirectory(_folder.File("tokens"));
        ByteTokenizerFile.Write(_folder.File("tokens"));
        File.Move(_folder.File("tokens/tokenizer.json"), _folder.File("tokens/mine.json"));
        File.WriteAllText(_folder.File("tokens/tokenizer_config.json"), """{"eos_token": "<|end|>"}""");
        var job = Job(lora: false);
        job.Model.Tokenizer = _folder.File("tokens/mine.json");
        await TrainAsync(job);
        Assert.Equal(0, Export());
        Assert.Equal(["config.json", "model.safetensors", "projections.safetensors", "tokenizer.json", "tokenizer_config.json"],
            Directory.EnumerateFiles(Output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal([ByteTokenizer.End], TokenizerFiles.Load(Output).EndTokens);
    }

    [Fact]
    public async Task Export_DamagedShard_IsRefused()
    {
        var checkpoint = await TrainAsync(Job(lora: false));
        var shard = Directory.EnumerateFiles(checkpoint, "*.safetensors").First();
        var bytes = File.ReadAllBytes(shard);
        bytes[^1] ^= 1;
        File.WriteAllBytes(shard, bytes);
        Assert.Equal(1, Export());
        Assert.False(Directory.Exists(Output));
    }

    [Fact]
    public async Task Export_AdaptersOfAFullyTrainedModel_IsRefused()
    {
        await TrainAsync(Job(lora: false));
        Assert.Equal(1, Export("--adapters"));
        Assert.False(Directory.Exists(Output));
    }

    [Theory]
    [InlineData("--adapters")]
    [InlineData("--to", "a", "--output", "b")]
    public void Export_FlagsThatExcludeEachOther_AreErrorsOfTheCommandLine(params string[] flags) =>
        Assert.Single(CheckpointCommand.Create().Parse(["export", _folder.Path, .. flags]).Errors);

    private static JobSpec Job(bool lora)
    {
        var job = LanguageJobs.Arithmetic();
        job.Steps = 2;
        job.Optimizer.Weights.LearningRate = 0.1f;
        job.Eval = new EvalSpec { Trajectories = 1, Samples = 1 };
        return lora ? LanguageJobs.WithAdapters(job) : job;
    }

    private async Task<string> TrainAsync(JobSpec job) =>
        TestCheckpoint.Publish(await TestCluster.RunAsync(job, 2, prepare: c => c.Kept = _folder.Path), job, job.Steps);

    // The command as a user gives it, with the run's folder.
    private int Export(params string[] flags) => CheckpointCommand.Create().Parse(["export", _folder.Path, "--to", Output, .. flags]).Invoke();
}
