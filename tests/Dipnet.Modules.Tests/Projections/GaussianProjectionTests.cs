using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Projections;

public sealed class GaussianProjectionTests
{
    private static readonly NoiseKey Key = new(11, 0, 0);

    [Fact]
    public void Forward_UnderAScope_HasTheLearnedDeviationPerFeature()
    {
        using var scope = torch.NewDisposeScope();
        var projection = new GaussianProjection([3], layer: 0, sigma: 0.1f);
        using (torch.no_grad())
            projection.rho.copy_(torch.tensor([0.25f, 1f, 4f]).log());
        using var noise = NoiseScope.Begin(Key);
        using var none = torch.no_grad();
        var u = projection.call(torch.zeros(50_000, 3));
        var deviation = u.std(0L).data<float>().ToArray();
        Assert.Equal(0.5, deviation[0], 0.01);
        Assert.Equal(1.0, deviation[1], 0.02);
        Assert.Equal(2.0, deviation[2], 0.04);
        Assert.True(u.mean([0]).abs().max().item<float>() < 0.05);
    }

    [Fact]
    public void Backward_OfTheProjection_IsHalfSigmaTimesNoise()
    {
        using var scope = torch.NewDisposeScope();
        var projection = new GaussianProjection([4], layer: 5, sigma: 0.3f);
        var v = torch.rand(6, 4).requires_grad_(true);
        var weight = torch.rand(6, 4);
        using (NoiseScope.Begin(Key))
            (projection.call(v) * weight).sum().backward();
        var epsilon = KeyedTensor.Normal([6, 4], Key, torch.CPU, stream: 5);
        Assert.True(Bits.Same(v.grad!, weight));
        Assert.True(projection.rho.grad!.allclose((epsilon * weight).sum([0]) * 0.15f, 1e-5, 1e-6));
    }

    [Fact]
    public void Forward_LayerUsedTwiceInAScope_DrawsFreshNoise()
    {
        using var scope = torch.NewDisposeScope();
        var projection = new GaussianProjection([4], layer: 0, sigma: 1);
        var v = torch.zeros(2, 4);
        using var noise = NoiseScope.Begin(Key);
        Assert.False(Bits.Same(projection.call(v), projection.call(v)));
    }

    [Fact]
    public void Forward_InsideSilence_IsTheIdentity()
    {
        using var scope = torch.NewDisposeScope();
        var projection = new GaussianProjection([4], layer: 0, sigma: 1);
        var v = torch.rand(2, 4);
        using var noise = NoiseScope.Begin(Key);
        using (NoiseScope.Silence())
            Assert.Same(v, projection.call(v));
        Assert.False(Bits.Same(v, projection.call(v)));
    }

    [Fact]
    public void Forward_WrongFeatures_NamesLayerAndShapes()
    {
        var projection = new GaussianProjection([4], layer: 7, sigma: 1);
        using var noise = NoiseScope.Begin(Key);
        var message = Assert.Throws<ArgumentException>(() => projection.call(torch.zeros(2, 5))).Message;
        Assert.Contains("projection 7", message);
        Assert.Contains("[2, 5]", message);
    }

    [Fact]
    public void Forward_RowsNotAMultipleOfTrajectories_IsRefused()
    {
        var projection = new GaussianProjection([4], layer: 0, sigma: 1);
        using var noise = NoiseScope.Begin(Key, trajectories: 2);
        Assert.Contains("multiple of the trajectories", Assert.Throws<ArgumentException>(() => projection.call(torch.zeros(3, 4))).Message);
    }

    [Fact]
    public void Forward_SeveralThreads_DrawTheSameValuesAsOne()
    {
        using var scope = torch.NewDisposeScope();
        var projection = new GaussianProjection([64], layer: 0, sigma: 1);
        var v = torch.zeros(2, 2000, 64);
        Tensor Run()
        {
            using var noise = NoiseScope.Begin(Key, trajectories: 2);
            return projection.call(v);
        }
        var one = Run();
        try
        {
            torch.set_num_threads(2);
            Assert.True(Bits.Same(one, Run()));
        }
        finally
        {
            torch.set_num_threads(1);
        }
    }

    [Fact]
    public void Options_SeveralWrong_NamesAllOfThem()
    {
        var message = Assert.Throws<ArgumentException>(() => new ProjectionOptions { Sigma = 0, Alpha = -1, Gamma = 0.1f, Trajectories = 1 }.Validated()).Message;
        Assert.Contains("Sigma = 0", message);
        Assert.Contains("Alpha = -1", message);
        Assert.Contains("Trajectories = 1", message);
    }
}
