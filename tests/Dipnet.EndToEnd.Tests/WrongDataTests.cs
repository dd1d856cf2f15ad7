namespace Dipnet.EndToEnd.Tests;

/// <summary>Files that only workers read: the command ends as it does for a wrong job file, with a line that names the place.</summary>
public sealed class WrongDataTests : IDisposable
{
    private readonly Command _command = new();

    public void Dispose() => _command.Dispose();

    [Fact]
    public async Task Train_WrongLineOfData_IsNamedAndTheCodeIsTwo()
    {
        var right = string.Concat(Enumerable.Repeat("""{"prompt": "1+1=", "completion": "2"}""" + "\n", 6));
        var data = Path.Combine(_command.Folder, "data.jsonl");
        await File.WriteAllTextAsync(data, right + """{"prompt": "1+1="}""" + "\n" + right);

        var result = await TrainAsync("{ name: jsonl, format: prompt-completion, path: data.jsonl }", "{ kind: llama, depth: 1, dim: 16, heads: 2, context: 32 }");

        Assert.Equal(2, result.ExitCode);
        Assert.EndsWith($"{data}:7: \"completion\" must be given and be a string", result.Errors.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_FolderWithAWrongModel_IsNamedAndTheCodeIsTwo()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_command.Folder, "model")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "config.json"), """{"model_type": "bert"}""");

        var result = await TrainAsync("{ name: arithmetic }", "{ kind: hugging-face, path: model, context: 256 }");

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(folder, result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
    }

    private async Task<CommandResult> TrainAsync(string data, string model)
    {
        await File.WriteAllTextAsync(Path.Combine(_command.Folder, "job.yaml"), $"data: {data}\nmodel: {model}\nsteps: 1\nglobal-batch: 2\nmicrobatches: 1\n");
        return await _command.RunAsync("train", "job.yaml", "--no-dashboard", "--workers", "1", "--quiet");
    }
}
