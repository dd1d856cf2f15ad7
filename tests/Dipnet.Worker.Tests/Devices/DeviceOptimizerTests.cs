using Dipnet.Exchange;
using Dipnet.Protos;
using Dipnet.Worker.Devices;
using Dipnet.Worker.Optimization;
using Dipnet.Worker.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Tests.Devices;

public sealed unsafe class DeviceOptimizerTests
{
    // A matrix, which decays, a bias, which does not, and projections; more than a block of the norm in all.
    private static readonly (string Name, long[] Shape, ParameterGroup Group, int Stage)[] Shapes =
        [("weight", [700, 100], ParameterGroup.Weights, 0), ("bias", [700], ParameterGroup.Weights, 0), ("rho", [100], ParameterGroup.Projections, 0)];

    [Theory]
    [InlineData("adamw", "adamw")]
    [InlineData("adamw", "sgd")]
    [InlineData("sgd", "adamw")]
    [InlineData("sgd", "sgd")]
    public void Step_SameGradients_HasTheHostsBits(string weights, string projections)
    {
        var spec = new OptimizerSpec { Weights = Group(weights), Projections = Group(projections) };
        var second = FlatOptimizer.NeedsSecondMoment(spec);
        var layout = new ParameterLayout(Shapes);
        using var state = new TrainingState(layout, second);
        using var arena = new GradientArena(layout.Gradients(1 << 20), 1);
        var accelerator = new Accelerator(new DeferredCopies(7), new HostKernels());
        var random = new Random(3);
        var parameters = Shapes.Select(s => new TrainableParameter(s.Name, nn.Parameter(torch.rand(s.Shape)), s.Group, s.Stage)).ToArray();
        using (var memory = TrainingMemory.Of(parameters, state, arena, spec, torch.CPU, accelerator))
        {
            using var expected = new TrainingState(layout, second);
            Buffer.MemoryCopy(state.At(0), expected.At(0), expected.Bytes, state.Bytes);
            var host = new FlatOptimizer(spec, layout.Segments(), expected.Parameters, expected.First, expected.Second);
            var values = new float[layout.Elements];
            for (ulong step = 0; step < 3; step++)
            {
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = random.NextSingle() - 0.5f;
                }

                fixed (float* pointer = values)
                {
                    var cut = layout.Elements / 32 * 16;
                    var gradient = new ReducedGradient([new ReducedSpan((nint)pointer, 0, cut), new ReducedSpan((nint)(pointer + cut), cut, layout.Elements - cut)]);
                    memory.Staging.BeginSum();
                    memory.Staging.BucketReduced!(gradient.Spans);
                    Assert.Equal(host.SumsOfSquares(gradient), memory.Update.SumsOfSquares(gradient));
                    host.Step(gradient, step, 0.7, 0.125f, 0.25f);
                    memory.Update.Step(gradient, step, 0.7, 0.125f, 0.25f);
                }
            }

            memory.ToHost();
            Assert.True(new Span<byte>(state.At(0), (int)state.Bytes).SequenceEqual(new Span<byte>(expected.At(0), (int)state.Bytes)));
        }
    }

    private static OptimizerGroup Group(string kind) =>
        new() { Kind = kind, LearningRate = 0.01f, WeightDecay = 0.1f, Beta1 = 0.9f, Beta2 = 0.99f, Epsilon = 1e-8f, Momentum = 0.9f };
}
