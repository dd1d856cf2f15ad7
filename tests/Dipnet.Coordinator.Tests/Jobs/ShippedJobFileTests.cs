using System.Runtime.CompilerServices;
using Dipnet.Coordinator.Jobs;
using Xunit;

namespace Dipnet.Coordinator.Tests.Jobs;

public sealed class ShippedJobFileTests
{
    public static TheoryData<string> Files()
    {
        var files = new TheoryData<string>();
        foreach (var path in Directory.GetFiles(Folder(), "*.yaml").Order(StringComparer.Ordinal))
        {
            files.Add(Path.GetFileName(path));
        }

        return files;
    }

    [Theory, MemberData(nameof(Files))]
    public void Load_ShippedFile_IsAJobOfItsOwnName(string file)
    {
        var load = JobFile.Load(Path.Combine(Folder(), file), []);

        Assert.Empty(load.Errors);
        Assert.Equal(Path.GetFileNameWithoutExtension(file), load.Job!.Name);
    }

    [Theory]
    [InlineData("llm-arithmetic.yaml")]
    [InlineData("llm-finetune-shakespeare.yaml")]
    [InlineData("llm-qwen2.5-0.5b-gsm8k.yaml")]
    public void Load_LanguageJobWithoutProjections_IsStillAJob(string file) =>
        Assert.Empty(JobFile.Load(Path.Combine(Folder(), file), [JobOverride.FromSet("dipnet.enabled=false")]).Errors);

    private static string Folder([CallerFilePath] string path = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, "../../../jobs"));
}
