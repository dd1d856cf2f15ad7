using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Autograd;

public sealed class ActivationCheckpointTests
{
    private static (Tensor Output, Tensor[] Gradients) Run(bool checkpointing, bool autocast, int trajectories)
    {
        var options = new ProjectionOptions { Where = ProjectionPlace.Sublayers, Input = false };
        var model = new VisionTransformer(new VisionTransformerOptions { ImageSize = 8, Patch = 4, Dim = 16, Depth = 3, Heads = 2, Seed = 1, Projections = options })
        {
            ActivationCheckpointing = checkpointing,
        };
        var images = KeyedTensor.Uniform([2, 1, 8, 8], new NoiseKey(1, 0, 0), torch.CPU);
        Tensor output;
        using (NoiseScope.Begin(new NoiseKey(1, 2, 3), trajectories))
        {
            using Autocast precision = autocast ? new Autocast(DeviceType.CPU) : default;
            output = model.call(images.repeat(trajectories, 1, 1, 1)).to(ScalarType.Float32);
        }
        // Outside of scope and autocast: the second run brings its own.
        output.square().sum().backward();
        ActivationCheckpoint.ThrowIfFailed();
        return (output, [.. model.parameters().Select(p => p.grad!)]);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 2)]
    public void Gradients_WithCheckpointing_AreTheSameBits(bool autocast, int trajectories)
    {
        using var scope = torch.NewDisposeScope();
        var plain = Run(false, autocast, trajectories);
        var checkpointed = Run(true, autocast, trajectories);
        Assert.True(Bits.Same(plain.Output, checkpointed.Output));
        Assert.All(plain.Gradients.Zip(checkpointed.Gradients), g => Assert.True(Bits.Same(g.First, g.Second)));
        Assert.All(plain.Gradients, g => Assert.True(g.abs().sum().item<float>() > 0));
    }

    [Fact]
    public void Run_InputWithoutGradient_StillReachesTheParameters()
    {
        using var scope = torch.NewDisposeScope();
        var linear = nn.Linear(3, 3);
        ActivationCheckpoint.Run(linear, torch.ones(2, 3)).sum().backward();
        Assert.True(Bits.Same(linear.bias!.grad!, torch.full([3], 2f)));
    }

    [Fact]
    public void ThrowIfFailed_AfterAFailureInBackward_ThrowsItOnce()
    {
        using var scope = torch.NewDisposeScope();
        var runs = 0;
        var y = ActivationCheckpoint.Run(x => runs++ == 0 ? x * 2 : throw new InvalidOperationException("second run"), torch.ones(2).requires_grad_(true));
        y.sum().backward();
        Assert.Equal("second run", Assert.Throws<InvalidOperationException>(ActivationCheckpoint.ThrowIfFailed).InnerException!.Message);
        ActivationCheckpoint.ThrowIfFailed();
    }

    [Fact]
    public void Step_WithCheckpointing_LeavesNoTensorBehind()
    {
        using var model = new VisionTransformer(new VisionTransformerOptions { ImageSize = 8, Patch = 4, Dim = 16, Depth = 2, Heads = 2, Projections = new() }) { ActivationCheckpointing = true };
        var images = torch.rand(2, 1, 8, 8);
        long Step(ulong step)
        {
            using (torch.NewDisposeScope())
            using (NoiseScope.Begin(new NoiseKey(1, step, 0)))
                model.call(images).square().mean().backward();
            return LiveTensors.Count();
        }
        Step(0);
        var before = Step(1);
        for (ulong i = 2; i < 8; i++)
            Assert.Equal(before, Step(i));
    }
}
