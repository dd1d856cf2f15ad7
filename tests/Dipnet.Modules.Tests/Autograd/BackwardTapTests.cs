using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Autograd;

public sealed class BackwardTapTests
{
    private static VisionTransformer Model() => new(new VisionTransformerOptions { ImageSize = 8, Patch = 4, Dim = 16, Depth = 3, Heads = 2, Seed = 1, Projections = new() { Input = false } });

    [Fact]
    public void Callback_OfStage_SeesFinishedGradientsOfThatStageAndAllAfterIt()
    {
        using var scope = torch.NewDisposeScope();
        var model = Model();
        var reference = Model();
        var images = torch.rand(2, 1, 8, 8);
        using var noise = NoiseScope.Begin(new NoiseKey(1, 1, 1));
        using (NoiseScope.Begin(new NoiseKey(1, 1, 1)))
            reference.call(images).square().sum().backward();
        var expected = reference.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!);

        List<int> order = [];
        model.Tap = (i, x) => BackwardTap.Attach(x, index =>
        {
            order.Add(index);
            foreach (var (name, parameter) in model.named_parameters())
            {
                var stage = StageIndex.Of(model, name);
                if (stage >= index)
                    Assert.True(Bits.Same(expected[name], parameter.grad!), name);
                else
                    Assert.True(parameter.grad is null, name);
            }
        }, i);
        model.call(images).square().sum().backward();
        BackwardTap.ThrowIfFailed();
        Assert.Equal(Enumerable.Range(0, 13).Reverse(), order);
        Assert.All(model.named_parameters(), p => Assert.True(Bits.Same(expected[p.name], p.parameter.grad!), p.name));
    }

    [Fact]
    public void Callback_ThatThrows_IsReportedAfterBackward()
    {
        using var scope = torch.NewDisposeScope();
        BackwardTap.Attach(torch.ones(2).requires_grad_(true), _ => throw new InvalidOperationException("full"), 0).sum().backward();
        Assert.Equal("full", Assert.Throws<InvalidOperationException>(BackwardTap.ThrowIfFailed).InnerException!.Message);
    }
}
