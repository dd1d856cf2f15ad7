using Dipnet.Worker.Devices;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Tests.Devices;

public sealed class DeviceChoiceTests
{
    [Theory]
    [InlineData("cpu", 2, null)]
    [InlineData("auto", 0, null)]
    [InlineData("auto", 2, 0)]
    [InlineData("cuda", 2, 0)]
    [InlineData("cuda:1", 2, 1)]
    public void Gpu_DeviceOfThisHost_IsItsIndex(string text, int gpus, int? expected)
    {
        Assert.Equal(expected, DeviceChoice.Gpu(text, gpus, null));
    }

    [Theory]
    [InlineData("cuda:2", 2, "this host has 2 GPUs, cuda:0 to cuda:1")]
    [InlineData("cuda:1", 1, "this host has one GPU, cuda:0")]
    [InlineData("cuda", 0, "no GPU can be used here: there is no NVIDIA driver")]
    public void Gpu_DeviceThatTheHostLacks_IsMissing(string text, int gpus, string expected)
    {
        var exception = Assert.Throws<DeviceException>(() => DeviceChoice.Gpu(text, gpus, null));

        Assert.Equal(ExitCode.Missing, exception.Code);
        Assert.StartsWith($"--device {text}: {expected}", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:0,1")]
    public void Gpu_OtherText_IsAConfigurationError(string text)
    {
        Assert.Equal(ExitCode.Configuration, Assert.Throws<DeviceException>(() => DeviceChoice.Gpu(text, 2, null)).Code);
    }
}
