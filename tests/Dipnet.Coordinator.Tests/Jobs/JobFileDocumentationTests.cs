using System.Runtime.CompilerServices;
using Dipnet.Coordinator.Jobs;
using Xunit;

namespace Dipnet.Coordinator.Tests.Jobs;

public sealed class JobFileDocumentationTests
{
    /// <summary>Run with DIPNET_WRITE_DOCS=1 to write the page anew.</summary>
    [Fact]
    public void Page_InTheRepository_IsCurrent()
    {
        var path = Path.Combine(Folder(), "../../../docs/job-file.md");
        if (Environment.GetEnvironmentVariable("DIPNET_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, JobFileDocumentation.Write());
        }

        Assert.Equal(JobFileDocumentation.Write(), File.ReadAllText(path));
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
