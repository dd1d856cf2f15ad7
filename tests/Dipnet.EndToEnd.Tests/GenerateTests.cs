using System.Runtime.InteropServices;
using System.Text.Json;

namespace Dipnet.EndToEnd.Tests;

/// <summary><c>dipnet generate</c> as a user runs it, with the small pretrained model of the test data.</summary>
public sealed partial class GenerateTests : IDisposable
{
    private const string Prompt = "Once upon a time";

    private readonly Command _command = new();

    public void Dispose() => _command.Dispose();

    [Theory]
    [InlineData("hf")]
    [InlineData("stories260K.bin")]
    public async Task Generate_Greedy_PrintsTheReferenceAndNothingElse(string model)
    {
        if (!TryFind("greedy.txt", out var reference))
        {
            return;
        }

        var result = await _command.RunAsync("generate", Data(model), "--tokenizer", Data("tok512.bin"), "--prompt", Prompt, "--greedy", "--max-tokens", "252", "--quiet");

        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Equal(await File.ReadAllTextAsync(reference), result.Output);
    }

    [Fact]
    public async Task Generate_Drawn_IsTheSameTextForTheSameSeed()
    {
        if (!TryFind("hf", out var model))
        {
            return;
        }

        async Task<JsonElement> Run(string seed)
        {
            var result = await _command.RunAsync(
                "generate", model, "--tokenizer", Data("tok512.bin"), "--prompt", Prompt, "--max-tokens", "40", "--top-p", "0.9", "--stop", "\n", "--seed", seed, "--json");
            Assert.True(result.ExitCode == 0, result.Errors);
            return JsonDocument.Parse(result.Output).RootElement;
        }

        var (first, again, other) = (await Run("4"), await Run("4"), await Run("5"));
        Assert.Equal(first.GetProperty("text").GetString(), again.GetProperty("text").GetString());
        Assert.NotEqual(first.GetProperty("text").GetString(), other.GetProperty("text").GetString());
        Assert.StartsWith(Prompt, first.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(first.GetProperty("tokens").GetInt32() > 0);
        Assert.Contains(first.GetProperty("finish").GetString(), new[] { "max-tokens", "stop-text" });
    }

    [Fact]
    public async Task Generate_ReaderGoesAway_EndsQuietly()
    {
        if (!TryFind("hf", out var model))
        {
            return;
        }

        using var process = _command.Start("generate", model, "--tokenizer", Data("tok512.bin"), "--prompt", Prompt, "--greedy", "--max-tokens", "400");
        process.StandardOutput.Close();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(("", 0), (errors, process.ExitCode));
    }

    [Fact]
    public async Task Generate_Interrupted_EndsQuietly()
    {
        if (!TryFind("hf", out var model))
        {
            return;
        }

        using var process = _command.Start("generate", model, "--tokenizer", Data("tok512.bin"), "--prompt", Prompt, "--greedy", "--max-tokens", "500");
        var start = new char[Prompt.Length + 1];
        await process.StandardOutput.ReadBlockAsync(start);
        kill(process.Id, 2);
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(("", 130), (errors, process.ExitCode));
    }

    [Fact]
    public async Task Generate_RunOfALanguageJob_SaysWhatItLearned()
    {
        await File.WriteAllTextAsync(Path.Combine(_command.Folder, "text.txt"), string.Concat(Enumerable.Repeat("green bottles hang. ", 200)));
        await File.WriteAllTextAsync(Path.Combine(_command.Folder, "job.yaml"), """
            data: { name: text, path: text.txt }
            model: { kind: llama, depth: 1, dim: 32, heads: 2, context: 48 }
            optimizer: { weights: { learning-rate: 0.01 } }
            global-batch: 8
            microbatches: 2
            steps: 60
            checkpoint: { every-steps: 30 }
            """);
        var trained = await _command.RunAsync("train", "job.yaml", "--no-dashboard", "--workers", "1");
        Assert.True(trained.ExitCode == 0, trained.Output + trained.Errors);
        var run = Assert.Single(_command.Runs);
        var checkpoint = Directory.GetDirectories(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal).Last();
        var exported = await _command.RunAsync("checkpoint", "export", run, "--to", "model");
        Assert.True(exported.ExitCode == 0, exported.Errors);
        await File.WriteAllTextAsync(Path.Combine(_command.Folder, "model", "chat_template.jinja"), "green {% for message in messages %}{{ message.content }}{% endfor %}");

        await SaysAsync("green bottles hang. ", run, "--prompt", "green bot");
        await SaysAsync("green bottles hang. ", checkpoint, "--prompt", "green bot", "--trajectories", "2");
        await SaysAsync("green bottles hang. ", "model", "--prompt", "green bot");
        await SaysAsync("tles hang. ", "model", "--chat", "--prompt", "bot");

        // The newest checkpoint that is whole.
        await File.AppendAllTextAsync(Directory.GetFiles(checkpoint, "*.safetensors").First(), "x");
        var older = await _command.RunAsync("generate", run, "--prompt", "green bot", "--max-tokens", "1");
        Assert.True(older.ExitCode == 0 && older.Errors.Contains(Path.GetFileName(checkpoint), StringComparison.Ordinal), older.Errors);
    }

    private async Task SaysAsync(string expected, string model, params string[] flags)
    {
        var result = await _command.RunAsync(["generate", model, "--greedy", "--max-tokens", "11", "--quiet", .. flags]);
        Assert.Equal((0, expected, ""), (result.ExitCode, result.Output, result.Errors));
    }

    [Fact]
    public async Task Generate_RunOfAnImageModel_IsRefused()
    {
        var trained = await _command.RunAsync(["train", "--no-dashboard", "--workers", "1", .. Command.SmallJob, "--set", "steps=2"]);
        Assert.True(trained.ExitCode == 0, trained.Errors);

        var result = await _command.RunAsync("generate", Assert.Single(_command.Runs), "--prompt", Prompt);

        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains("its model is of kind vit", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no such file or folder", "nowhere", "--prompt", "x")]
    [InlineData("one of --prompt and --prompt-file", "nowhere")]
    [InlineData("--top-p 2: must be above 0 and at most 1", "nowhere", "--prompt", "x", "--top-p", "2")]
    [InlineData("'abc'", "nowhere", "--prompt", "x", "--top-k", "abc")]
    [InlineData("--greedy and --temperature exclude", "nowhere", "--prompt", "x", "--greedy", "--temperature", "1")]
    [InlineData("--temperature -1: must be finite and at least 0", "nowhere", "--prompt", "x", "--temperature", "-1")]
    public async Task Generate_WrongFlags_AreRefused(string expected, params string[] flags)
    {
        var result = await _command.RunAsync(["generate", .. flags]);
        Assert.Equal((2, ""), (result.ExitCode, result.Output));
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
    }

    private static string Data(string name) => Path.Combine(Environment.GetEnvironmentVariable("DIPNET_TEST_DATA") ?? "", "stories260K", name);

    private static bool TryFind(string name, out string path)
    {
        path = Data(name);
        if (Path.Exists(path))
        {
            return true;
        }

        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{path} is absent; continuous integration runs every test");
        return false;
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
