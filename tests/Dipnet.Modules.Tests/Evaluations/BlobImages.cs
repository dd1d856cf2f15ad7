using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Evaluations;

/// <summary>A small set that a network learns in a second: the class is the quadrant that is bright.</summary>
internal static class BlobImages
{
    public static (Tensor Images, Tensor Labels) Draw(int samples, ulong seed, float contrast = 0.5f)
    {
        using var scope = torch.NewDisposeScope();
        var images = KeyedTensor.Uniform([samples, 1, 8, 8], new NoiseKey(seed, 0, 0), torch.CPU) * 0.5f;
        var labels = torch.arange(samples, ScalarType.Int64) % 4;
        for (var i = 0; i < samples; i++)
        {
            var (row, column) = (i % 4 / 2 * 4, i % 2 * 4);
            images[i, 0, TensorIndex.Slice(row, row + 4), TensorIndex.Slice(column, column + 4)].add_(contrast);
        }
        return (images.clamp_(0, 1).MoveToOuterDisposeScope(), labels.MoveToOuterDisposeScope());
    }

    public static VisionTransformer Train(ProjectionOptions? projections, int steps = 20)
    {
        var model = new VisionTransformer(new VisionTransformerOptions { ImageSize = 8, Patch = 4, Dim = 16, Depth = 2, Heads = 2, Classes = 4, Seed = 1, Projections = projections });
        Train(model, projections, steps);
        return model;
    }

    public static MultilayerPerceptron TrainPerceptron(ProjectionOptions? projections, int steps = 100)
    {
        var model = new MultilayerPerceptron(new MultilayerPerceptronOptions { Inputs = 64, Dim = 32, Classes = 4, Seed = 1, Projections = projections });
        Train(model, projections, steps);
        return model;
    }

    private static void Train(nn.Module<Tensor, Tensor> model, ProjectionOptions? projections, int steps)
    {
        using var optimizer = torch.optim.Adam(model.parameters(), 3e-3);
        var k = projections?.Trajectories ?? 1;
        GaussianProjection[] list = [.. ProjectionList.Of(model).Select(p => p.Projection)];
        for (var step = 0; step < steps; step++)
        {
            using var scope = torch.NewDisposeScope();
            var (images, labels) = Draw(64, (ulong)step + 1);
            optimizer.zero_grad();
            using (NoiseScope.Begin(new NoiseKey(5, (ulong)step, 0), k))
                Objective.Classification(model.call(images.repeat(k, 1, 1, 1)), labels, list, projections).Total.backward();
            optimizer.step();
        }
    }
}
