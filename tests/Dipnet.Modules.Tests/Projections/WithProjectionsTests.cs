using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Projections;

public sealed class WithProjectionsTests
{
    private static readonly ProjectionOptions Options = new() { Sigma = 0.2f };

    // A network as a user writes it: it knows nothing of projections.
    private sealed class SmallConvolutionNetwork : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1 = nn.Conv2d(3, 8, 3, padding: 1);
        private readonly BatchNorm2d norm = nn.BatchNorm2d(8);
        private readonly Conv2d conv2 = nn.Conv2d(8, 6, 3, padding: 1);
        private readonly Linear fc = nn.Linear(6, 4);

        public SmallConvolutionNetwork() : base(nameof(SmallConvolutionNetwork)) => RegisterComponents();

        public override Tensor forward(Tensor x)
        {
            x = nn.functional.max_pool2d(nn.functional.relu(norm.call(conv1.call(x))), 2);
            return fc.call(nn.functional.relu(conv2.call(x)).mean([2, 3]));
        }
    }

    private sealed class CallsForward : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first = nn.Linear(4, 4);

        public CallsForward() : base(nameof(CallsForward)) => RegisterComponents();

        public override Tensor forward(Tensor x) => first.forward(x);
    }

    private static Sequential Perceptron() => nn.Sequential(
        ("first", nn.Linear(5, 7)), ("act", nn.ReLU()), ("second", nn.Linear(7, 6)), ("act2", nn.ReLU()), ("third", nn.Linear(6, 3)));

    [Fact]
    public void WithProjections_NamedLayersOfAConvolutionNetwork_GetOneLambdaAChannel()
    {
        using var scope = torch.NewDisposeScope();
        var model = new SmallConvolutionNetwork();
        var sample = torch.rand(2, 3, 8, 8);
        model.eval();
        var before = model.call(sample);
        var projected = model.WithProjections(Options, sample, "conv1", "conv2", "fc");
        Assert.Equal(["input", "conv2", "fc"], projected.Projections.Select(p => p.Name));
        Assert.Equal([[3L, 8, 8], [8L], [6L]], projected.Projections.Select(p => p.Projection.rho.shape));
        Assert.Equal(["model.conv1", "model.conv2", "model.fc"], projected.Stages.SelectMany(stage => stage));
        Assert.True(Bits.Same(before, projected.call(sample)));
        Assert.Contains("projections.1.rho", projected.named_parameters().Select(p => p.name));
        Assert.Equal(8 + 3, projected.named_parameters().Count());

        Tensor Noisy(ulong step)
        {
            using var noise = NoiseScope.Begin(new NoiseKey(1, step, 0), 2);
            return projected.call(sample.repeat(2, 1, 1, 1));
        }
        var noisy = Noisy(0);
        Assert.Equal([4, 4], noisy.shape);
        Assert.True(Bits.Same(noisy, Noisy(0)));
        Assert.False(Bits.Same(noisy, Noisy(1)));
        noisy.sum().backward();
        Assert.All(projected.Projections, p => Assert.True(p.Projection.rho.grad!.abs().sum().item<float>() > 0, p.Name));
    }

    [Fact]
    public void WithProjections_SequentialWithoutASelector_ProjectsEveryLayerWithWeights()
    {
        using var scope = torch.NewDisposeScope();
        var projected = Perceptron().WithProjections(Options, torch.rand(1, 5));
        Assert.Equal(["input", "second", "third"], projected.Projections.Select(p => p.Name));
        var withoutInput = Perceptron().WithProjections(Options with { Input = false }, torch.rand(1, 5));
        Assert.Equal(["second", "third"], withoutInput.Projections.Select(p => p.Name));
    }

    [Fact]
    public void WithProjections_Sequential_AddsTheNoiseThatTheProjectionDraws()
    {
        using var scope = torch.NewDisposeScope();
        var model = Perceptron();
        var x = torch.rand(2, 5);
        var projected = model.WithProjections(Options, x, "second");
        var key = new NoiseKey(1, 2, 3);
        var projection = projected.Projections[1].Projection;
        Tensor actual;
        using (NoiseScope.Begin(key))
            actual = projected.call(x);
        Tensor Draw(GaussianProjection p, long width) => KeyedTensor.Normal([2, width], key, torch.CPU, p.Layer) * 0.2f;
        using var silence = NoiseScope.Silence();
        var weights = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Tensor Layer(Tensor v, string name) => nn.functional.linear(v, weights[$"{name}.weight"], weights[$"{name}.bias"]);
        var hidden = nn.functional.relu(Layer(x + Draw(projected.Projections[0].Projection, 5), "first")) + Draw(projection, 7);
        var expected = Layer(nn.functional.relu(Layer(hidden, "second")), "third");
        Assert.True(expected.allclose(actual, 1e-5, 1e-6));
    }

    [Fact]
    public void Tap_OfAProjectedModel_SeesEveryStagesInputInOrder()
    {
        using var scope = torch.NewDisposeScope();
        var projected = Perceptron().WithProjections(Options, torch.rand(1, 5));
        List<(int, long)> seen = [];
        projected.Tap = (i, x) =>
        {
            seen.Add((i, x.shape[1]));
            return x;
        };
        projected.call(torch.rand(3, 5));
        Assert.Equal([(0, 5L), (1, 7L), (2, 6L)], seen);
        Assert.Equal(2, StageIndex.Of(projected, "model.third.weight"));
        Assert.Equal(-1, StageIndex.Of(projected, "projections.0.rho"));
    }

    [Fact]
    public void WithProjections_UnknownName_NamesItAndTheKnownOnes()
    {
        var message = Assert.Throws<ArgumentException>(() => Perceptron().WithProjections(Options, torch.rand(1, 5), "second", "fourth")).Message;
        Assert.Contains("no module fourth", message);
        Assert.Contains("third", message);
    }

    [Fact]
    public void WithProjections_ModuleUsedByForward_IsRefusedByName() =>
        Assert.Contains("did not reach first", Assert.Throws<ArgumentException>(() => new CallsForward().WithProjections(Options, torch.rand(1, 4), "first")).Message);

    [Fact]
    public void WithProjections_SampleRun_LeavesRunningStatisticsAlone()
    {
        using var scope = torch.NewDisposeScope();
        var model = new SmallConvolutionNetwork();
        model.train();
        model.WithProjections(Options, torch.rand(2, 3, 8, 8), "conv2");
        Assert.True(model.training);
        Assert.Equal(0, model.named_buffers().Single(b => b.name == "norm.running_mean").buffer.abs().sum().item<float>());
    }

    [Fact]
    public void Step_OfAProjectedModel_LeavesNoTensorBehind()
    {
        using var projected = Perceptron().WithProjections(Options, torch.rand(1, 5));
        var x = torch.rand(4, 5);
        long Step(ulong step)
        {
            using (torch.NewDisposeScope())
            using (NoiseScope.Begin(new NoiseKey(1, step, 0), 2))
                projected.call(x).square().mean().backward();
            return LiveTensors.Count();
        }
        Step(0);
        var before = Step(1);
        for (ulong i = 2; i < 8; i++)
            Assert.Equal(before, Step(i));
    }
}
