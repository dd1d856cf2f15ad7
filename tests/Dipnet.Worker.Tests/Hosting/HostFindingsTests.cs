using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Tests.Hosting;

public sealed class HostFindingsTests
{
    private const long GiB = 1L << 30;

    private static readonly HostFacts Good = new()
    {
        System = "Debian, X64, .NET 10.0.1",
        Supported = true,
        Cores = 64,
        VectorBits = 512,
        Memory = 256 * GiB,
        Torch = "2.10.0, with CUDA, from /opt/torch/lib",
        Cuda = new CudaState("550.54.15") { LibrariesLoaded = true, Devices = 2, DriverCuda = 12040, LibraryCuda = 12080 },
        Gpus =
        [
            new(0, "NVIDIA H100 80GB HBM3", "0000:19:00.0", 80 * GiB, GiB, "0-31"),
            new(1, "NVIDIA H100 80GB HBM3", "0000:3b:00.0", 80 * GiB, 0, "32-63"),
        ],
        SharedMemory = (60 * GiB, 64 * GiB),
        Limits = "Limit                     Soft Limit           Hard Limit           Units     \nMax locked memory         8388608              8388608              bytes     \n"
            + "Max open files            1024                 524288               files     \n",
        TemporaryFolder = "/tmp/",
        TemporaryFree = 100 * GiB,
    };

    [Fact]
    public void Of_GoodHost_ListsEverythingAndNothingIsWrong()
    {
        var findings = HostFindings.Of(Good);

        Assert.DoesNotContain(findings, finding => finding.Wrong);
        Assert.Equal(["system", "processor", "memory", "libtorch", "gpu", "cuda:0", "cuda:1", "kernels", "shared memory", "ports", "limits", "temporary files"], findings.Select(f => f.Subject));
        Assert.Equal("NVIDIA driver 550.54.15, runs CUDA up to 12.4; libtorch's CUDA is 12.8; 2 GPUs can be used", Text(Good, "gpu"));
        Assert.Equal("NVIDIA H100 80GB HBM3, 80.0 GiB, 1.0 GiB in use, next to cores 0-31", Text(Good, "cuda:0"));
        Assert.StartsWith("open files 1024, locked memory 8,192 KiB", Text(Good, "limits"), StringComparison.Ordinal);
        Assert.Contains("60.0 GiB of 64.0 GiB", Text(Good, "shared memory"), StringComparison.Ordinal);
    }

    public static TheoryData<string> Subjects => [.. Broken.Keys];

    private static readonly Dictionary<string, (HostFacts Host, string Text)> Broken = new()
    {
        ["system"] = (Good with { Supported = false, System = "Windows, X64" }, "workers need Linux on x64"),
        ["memory"] = (Good with { Memory = GiB / 2 }, "at least 1 GiB"),
        ["libtorch"] = (Good with { Torch = null, TorchProblem = "libtorch_cpu.so is in none of /a" }, "libtorch_cpu.so is in none of /a"),
        ["gpu"] = (Good with { Cuda = Good.Cuda with { Error = 35, Devices = 0 } }, "too old for CUDA 12.8"),
        ["kernels"] = (Good with { KernelProblem = "libnvrtc was looked for in /opt/torch/lib and is in none" }, "is in none"),
        ["ports"] = (Good with { ListenProblem = "Permission denied" }, "Permission denied"),
        ["limits"] = (Good with { Limits = "Max open files            64                 64               files     " }, "raise it to at least 256"),
        ["temporary files"] = (Good with { TemporaryProblem = "Read-only file system" }, "Read-only file system"),
    };

    [Theory]
    [MemberData(nameof(Subjects))]
    public void Of_OneThingWrong_SaysThatOneAlone(string subject)
    {
        var wrong = Assert.Single(HostFindings.Of(Broken[subject].Host), finding => finding.Wrong);

        Assert.Equal(subject, wrong.Subject);
        Assert.Contains(Broken[subject].Text, wrong.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_HostWithoutGpus_IsFine()
    {
        var host = Good with { Cuda = new CudaState(Driver: null), Gpus = [], SharedMemory = null };

        Assert.DoesNotContain(HostFindings.Of(host), finding => finding.Wrong);
        Assert.Equal("no NVIDIA driver: workers compute on the CPU", Text(host, "gpu"));
    }

    [Fact]
    public void Of_ServeRunsAlready_NamesThePortsAndIsNotWrong()
    {
        var host = Good with { PortsInUse = [5080, 5081] };

        Assert.Contains("5080 and 5081 are in use", Text(host, "ports"), StringComparison.Ordinal);
        Assert.DoesNotContain(HostFindings.Of(host), finding => finding.Wrong);
    }

    [Fact]
    public void Lines_LongText_WrapsAt80ColumnsUnderItsBeginning()
    {
        var lines = HostFindings.Of(Good).SelectMany(finding => FindingText.Lines(finding, 80)).ToArray();

        Assert.All(lines, line => Assert.True(line.Length <= 80, line));
        Assert.Contains(lines, line => line.StartsWith(new string(' ', 19), StringComparison.Ordinal) && line[19] != ' ');
        Assert.StartsWith("✓ system           Debian", lines[0], StringComparison.Ordinal);
        Assert.Equal(["✗ ports            in use"], FindingText.Lines(new("ports", "in use", Wrong: true), 80));
    }

    [Fact]
    public void OfSmi_Lines_AreGpusWithTheirCores()
    {
        using var sys = new TestFolder();
        Directory.CreateDirectory(Path.Combine(sys.Path, "0000:3b:00.0"));
        File.WriteAllText(Path.Combine(sys.Path, "0000:3b:00.0", "local_cpulist"), "0-15\n");

        var gpus = GpuList.OfSmi("0, NVIDIA A100-SXM4-40GB, 00000000:3B:00.0, 40960, 512\n1, NVIDIA A100-SXM4-40GB, 00000000:AF:00.0, 40960, [N/A]\n", sys.Path);

        Assert.Equal(
            [new GpuFacts(0, "NVIDIA A100-SXM4-40GB", "0000:3b:00.0", 40 * GiB, GiB / 2, "0-15"), new GpuFacts(1, "NVIDIA A100-SXM4-40GB", "0000:af:00.0", 40 * GiB, 0, "")], gpus);
    }

    [Fact]
    public void OfFiles_DriversFolder_IsInTheOrderOfTheBus()
    {
        using var driver = new TestFolder();
        foreach (var address in new[] { "0000:af:00.0", "0000:3b:00.0" })
        {
            Directory.CreateDirectory(Path.Combine(driver.Path, address));
            File.WriteAllText(Path.Combine(driver.Path, address, "information"), "Model: \t\t NVIDIA L4\nIRQ: 7\n");
        }

        Assert.Equal(
            [new GpuFacts(0, "NVIDIA L4", "0000:3b:00.0", 0, 0, ""), new GpuFacts(1, "NVIDIA L4", "0000:af:00.0", 0, 0, "")], GpuList.OfFiles(driver.Path, driver.Path));
    }

    private static string Text(HostFacts host, string subject) => HostFindings.Of(host).Single(finding => finding.Subject == subject).Text;
}
