using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Models;

public sealed class VisionTransformerTests
{
    private static readonly VisionTransformerOptions Small = new() { ImageSize = 8, Patch = 4, Dim = 16, Depth = 2, Heads = 2, Classes = 5, Seed = 3 };

    [Fact]
    public void Forward_WithoutScope_EqualsTheNetworkWithoutProjections()
    {
        using var scope = torch.NewDisposeScope();
        var plain = new VisionTransformer(Small);
        var projected = new VisionTransformer(Small with { Projections = new ProjectionOptions() });
        var x = torch.rand(3, 1, 8, 8);
        Assert.True(Bits.Same(plain.call(x), projected.call(x)));
        Assert.Equal(4, projected.Projections.Count);
        Assert.Equal([1, 8, 8], projected.Projections[0].Projection.rho.shape);
        Assert.Empty(plain.Projections);
    }

    [Fact]
    public void Forward_SameKey_GivesTheSameBitsAndOtherKeysOthers()
    {
        using var scope = torch.NewDisposeScope();
        var model = new VisionTransformer(Small with { Projections = new ProjectionOptions() });
        var x = torch.rand(2, 1, 8, 8);
        Tensor Run(ulong step)
        {
            using var noise = NoiseScope.Begin(new NoiseKey(1, step, 0));
            return model.call(x);
        }
        Assert.True(Bits.Same(Run(1), Run(1)));
        Assert.False(Bits.Same(Run(1), Run(2)));
    }

    [Fact]
    public void Forward_TrajectoriesAsOneBatch_EqualEachAlone()
    {
        using var scope = torch.NewDisposeScope();
        var model = new VisionTransformer(Small with { Projections = new ProjectionOptions { Where = ProjectionPlace.Sublayers } });
        var x = torch.rand(2, 1, 8, 8);
        Tensor together;
        using (NoiseScope.Begin(new NoiseKey(1, 5, 0), trajectories: 3))
            together = model.call(x.repeat(3, 1, 1, 1));
        for (var t = 0; t < 3; t++)
        {
            using var noise = NoiseScope.Begin(new NoiseKey(1, 5, 0), trajectories: 1, firstTrajectory: t);
            Assert.True(model.call(x).allclose(together[TensorIndex.Slice(2 * t, 2 * t + 2)], 1e-4, 1e-5));
        }
    }

    [Fact]
    public void Constructor_SameSeed_GivesTheSameWeightsWhateverRanBefore()
    {
        using var scope = torch.NewDisposeScope();
        var first = new VisionTransformer(Small).parameters().ToArray();
        torch.randn(7);
        var second = new VisionTransformer(Small).parameters().ToArray();
        var other = new VisionTransformer(Small with { Seed = 4 }).parameters().ToArray();
        Assert.All(first.Zip(second), p => Assert.True(Bits.Same(p.First, p.Second)));
        Assert.Contains(first.Zip(other), p => !Bits.Same(p.First, p.Second));
    }

    [Fact]
    public void Options_SeveralWrong_NamesAllOfThem()
    {
        var message = Assert.Throws<ArgumentException>(() => new VisionTransformer(Small with { ImageSize = 9, Heads = 3, Depth = 0 })).Message;
        Assert.Contains("ImageSize = 9", message);
        Assert.Contains("Dim = 16", message);
        Assert.Contains("Depth = 0", message);
    }

    [Fact]
    public void Step_Repeated_LeavesNoTensorBehind()
    {
        using var model = new VisionTransformer(Small with { Projections = new ProjectionOptions { Trajectories = 2, Gamma = 0.1f } });
        var labels = torch.tensor([0L, 1]);
        var x = torch.rand(4, 1, 8, 8);
        long Step(ulong step)
        {
            using (torch.NewDisposeScope())
            using (NoiseScope.Begin(new NoiseKey(1, step, 0), 2))
                Objective.Classification(model.call(x), labels, [.. model.Projections.Select(p => p.Projection)], new ProjectionOptions { Trajectories = 2, Gamma = 0.1f }).Total.backward();
            return LiveTensors.Count();
        }
        Step(0);
        var before = Step(1);
        for (ulong i = 2; i < 10; i++)
            Assert.Equal(before, Step(i));
    }
}
