using Dipnet.Exchange;
using Dipnet.Worker.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Tests.Devices;

public sealed unsafe class DeviceStateTests : IDisposable
{
    private const int Elements = 64;

    private readonly DeferredCopies _copies = new(seed: 1);
    private readonly TrainingState _state;
    private readonly TorchSharp.Modules.Parameter _parameter;
    private readonly DeviceState _device;

    public DeviceStateTests()
    {
        _state = new TrainingState(new ParameterLayout([("weight", [4, 16], ParameterGroup.Weights, 0)]), secondMoment: true);
        _parameter = nn.Parameter(torch.full([4, 16], 7f));
        _device = new DeviceState([new TrainableParameter("weight", _parameter, ParameterGroup.Weights, 0)], _state, torch.CPU, _copies);
        _copies.Calls.Clear();
    }

    public void Dispose()
    {
        _device.Dispose();
        _copies.Dispose();
        _state.Dispose();
    }

    [Fact]
    public void Constructor_ParametersOfTheModel_AreTheStates()
    {
        Assert.Equal(7f, _state.Parameters[Elements - 1]);
        Assert.Equal(0f, _state.Second[0]);
    }

    [Fact]
    public void ToHost_DeviceHasGoneOn_BringsParametersAndMoments()
    {
        ((float*)_device.Parameters)[3] = 1;
        ((float*)_device.First)[4] = 2;
        ((float*)_device.Second)[Elements - 1] = 3;
        _device.Changed();
        _device.ToHost();

        Assert.Equal((1f, 2f, 3f), (_state.Parameters[3], _state.First[4], _state.Second[Elements - 1]));
    }

    [Fact]
    public void ToHost_HostIsUpToDate_CopiesNothing()
    {
        _device.ToHost();

        Assert.Empty(_copies.Calls);
    }

    [Fact]
    public void ReadBeside_DeviceGoesOn_ReadsTheStateOfThatMoment()
    {
        using var goOn = new ManualResetEventSlim();
        float seen = 0;
        ((float*)_device.Parameters)[3] = 1;
        _device.Changed();
        _device.ReadBeside(() =>
        {
            goOn.Wait();
            seen = _state.Parameters[3];
        });
        ((float*)_device.Parameters)[3] = 2;
        _device.Changed();
        goOn.Set();
        _device.ToHost();

        Assert.Equal((1f, 2f), (seen, _state.Parameters[3]));
    }

    [Fact]
    public void FromHost_StateOfACheckpoint_IsTheModelsAndStaysTheHosts()
    {
        _device.Changed();
        for (var i = 0; i < Elements; i++)
        {
            (_state.Parameters[i], _state.Second[i]) = (i, -i);
        }

        _device.FromHost();
        _device.ToHost();

        Assert.Equal(Elements - 1, _parameter[3, 15].item<float>());
        Assert.Equal(-5f, ((float*)_device.Second)[5]);
        Assert.Equal(5f, _state.Parameters[5]);
    }
}
