using Dipnet.Cli.Devices;
using Dipnet.Cli.Hosting;

namespace Dipnet.Cli.Tests.Devices;

public sealed class DevicePlanTests
{
    [Theory]
    [InlineData("auto", 0, "cpu,cpu")]
    [InlineData("cpu", 4, "cpu,cpu")]
    [InlineData("auto", 1, "cuda:0")]
    [InlineData("auto", 4, "cuda:0,cuda:1,cuda:2,cuda:3")]
    [InlineData("cuda:1", 4, "cuda:1")]
    [InlineData("cuda:3,1,3", 4, "cuda:3,cuda:1")]
    public void Create_WithoutANumberOfWorkers_TakesOneForEachGpu(string devices, int gpus, string expected)
    {
        var plan = DevicePlan.Create(devices, Default, new HostGpus(gpus));

        Assert.Equal(expected, Placed(plan));
        Assert.Null(plan.Note);
    }

    [Theory]
    [InlineData("auto", 4, 2, "cuda:0,cuda:1")]
    [InlineData("auto", 2, 5, "cuda:0,cuda:1,cuda:0,cuda:1,cuda:0")]
    [InlineData("cuda:2", 4, 3, "cuda:2,cuda:2,cuda:2")]
    [InlineData("cpu", 4, 3, "cpu,cpu,cpu")]
    public void Create_WithANumberOfWorkers_KeepsItAndTakesTurns(string devices, int gpus, uint workers, string expected)
    {
        Assert.Equal(expected, Placed(DevicePlan.Create(devices, new(workers, true, 1, 8), new HostGpus(gpus))));
    }

    [Fact]
    public void Create_MoreWorkersThanGpus_SaysSo()
    {
        Assert.StartsWith("5 workers share 2 GPUs", DevicePlan.Create("auto", new(5, true, 1, 8), new HostGpus(2)).Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_MoreGpusThanTheJobTakes_UsesAsManyAndSaysSo()
    {
        var plan = DevicePlan.Create("auto", Default, new HostGpus(16));

        Assert.Equal(8u, plan.Workers);
        Assert.StartsWith("8 of 16 GPUs are used", plan.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_FewerGpusThanTheMinimumOfWorkers_StartsTheMinimum()
    {
        Assert.Equal("cuda:0,cuda:0,cuda:0", Placed(DevicePlan.Create("auto", new(4, false, 3, 8), new HostGpus(1))));
    }

    [Fact]
    public void Create_DriverWithoutAUsableGpu_ComputesOnTheCpuAndSaysWhy()
    {
        var plan = DevicePlan.Create("auto", Default, new HostGpus(0, "this build has libtorch for the CPU only"));

        Assert.Equal("cpu,cpu", Placed(plan));
        Assert.Contains("libtorch for the CPU only", plan.Note, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cuda:0,2,5", 2, null, "has no cuda:2, cuda:5; it has 2 GPUs, cuda:0 to cuda:1")]
    [InlineData("cuda:1", 1, null, "has no cuda:1; it has one GPU, cuda:0")]
    [InlineData("cuda:0", 0, null, "has no cuda:0; it has no NVIDIA driver")]
    [InlineData("cuda:0", 0, "the driver is too old", "has no cuda:0; the driver is too old")]
    public void Create_NamedDeviceThatTheHostLacks_IsOneError(string devices, int gpus, string? problem, string expected)
    {
        var exception = Assert.Throws<CommandException>(() => DevicePlan.Create(devices, Default, new HostGpus(gpus, problem)));

        Assert.Equal(ExitCode.Missing, exception.Code);
        Assert.StartsWith($"devices = {devices}: this host", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DeviceOf_WorkerThatJoinsLater_TakesTheNextTurn()
    {
        var plan = DevicePlan.Create("auto", new(2, true, 1, 8), new HostGpus(2));

        Assert.Equal("cuda:0", plan.DeviceOf(2));
    }

    [Theory]
    [InlineData("""{"gpus":2,"problem":null}""", 2, null)]
    [InlineData("""{"gpus":0,"problem":"no driver"}""", 0, "no driver")]
    public void Parse_AnswerOfTheWorkerProgram_IsTheHostsGpus(string answer, int gpus, string? problem)
    {
        Assert.Equal(new HostGpus(gpus, problem), LocalDevices.Parse(answer));
    }

    private static WorkerCount Default => new(2, false, 1, 8);

    private static string Placed(DevicePlan plan) => string.Join(',', Enumerable.Range(0, (int)plan.Workers).Select(plan.DeviceOf));
}
