using Dipnet.Protos;
using Transformer = Dipnet.Modules.VisionTransformer;

namespace Dipnet.Worker.Planning;

/// <summary>Plans of the classifiers: the vision transformer and the perceptron.</summary>
internal static class ImageModels
{
    private const int Single = sizeof(float);

    public static PlannedModel VisionTransformer(JobSpec job)
    {
        var (model, image, noise) = (job.Model, ImageFacts.Of(job.Data.Name), job.Dipnet is { Enabled: true });
        var sublayers = noise && job.Dipnet.Where == "sublayers";
        long width = model.Dim, hidden = model.Dim * model.MlpRatio, side = image.Side / model.Patch, tokens = side * side;
        long patch = image.Channels * model.Patch * model.Patch, narrow = job.Precision == "bf16" ? 2 : Single;
        var depth = (int)model.Depth;
        var names = new ParameterNames();
        names.Add("positions", -1, true, 1, tokens, width);
        if (noise && job.Dipnet.Input)
        {
            names.AddProjection("input", -1, image.Channels, image.Side, image.Side);
        }

        names.AddLinear("embedding", -1, patch, width);
        for (var i = 0; i < depth; i++)
        {
            var (block, first) = ($"blocks.{i}", Transformer.BlockStages * i);
            if (noise)
            {
                names.AddProjection($"{block}.projection", first, width);
            }

            names.AddNorm($"{block}.norm1", first, width);
            names.AddLinear($"{block}.qkv", first, width, 3 * width);
            names.AddLinear($"{block}.output", first + 1, width, width);
            if (sublayers)
            {
                names.AddProjection($"{block}.projection2", first + 2, width);
            }

            names.AddNorm($"{block}.norm2", first + 2, width);
            names.AddLinear($"{block}.up", first + 2, width, hidden);
            names.AddLinear($"{block}.down", first + 3, hidden, width);
        }

        var head = Transformer.BlockStages * depth;
        names.AddNorm("head.norm", head, width);
        if (noise)
        {
            names.AddProjection("head.projection", head, width);
        }

        names.AddLinear("head.linear", head, width, image.Classes);
        var drawn = (noise ? 1 : 0) + (sublayers ? 1 : 0);
        var matrices = 4 * width * width + 2 * width * hidden;
        // Kept by a block: its input and the second norm's, each norm's output, queries, keys and values, their mixture, and the MLP before and behind GELU.
        var kept = Single * (2 + drawn) * width + narrow * (6 * width + 2 * hidden);
        return new PlannedModel
        {
            Description = $"vit, {depth} blocks of width {width}, {model.Heads} heads, {tokens} patches of {model.Patch} × {model.Patch}",
            Parameters = names.InOrder(),
            RowsPerSample = tokens,
            Memory = new RowMemory(depth, kept, Single * width, Single * (3 * width + 2 * hidden), Single * (width + 3 * patch), Single * 3 * width),
            Flops = new RowFlops(2.0 * depth * matrices, 4.0 * depth * tokens * width, 2.0 * patch * width + 2.0 * width * image.Classes / tokens, 0, false),
            MatrixElements = depth * matrices + patch * width,
        };
    }

    public static PlannedModel Perceptron(JobSpec job)
    {
        var (model, image, noise) = (job.Model, ImageFacts.Of(job.Data.Name), job.Dipnet is { Enabled: true });
        var depth = (int)model.Depth;
        long pixels = (long)image.Channels * image.Side * image.Side, kept = 0, elements = 0;
        var names = new ParameterNames();
        for (var i = 0; i <= depth; i++)
        {
            long inputs = i == 0 ? pixels : model.Dim, outputs = i == depth ? image.Classes : model.Dim;
            var projected = noise && (i > 0 || job.Dipnet.Input);
            if (projected)
            {
                names.AddProjection($"layers.{i}.projection", i, inputs);
            }

            names.AddLinear($"layers.{i}.linear", i, inputs, outputs);
            // The layer's input; behind a projection also the noise, and the rectifier's result in front of it.
            kept += Single * inputs * (projected ? 3 : 1);
            elements += inputs * outputs;
        }

        return new PlannedModel
        {
            Description = $"mlp, {depth} hidden layers of width {model.Dim}, {pixels} pixels",
            Parameters = names.InOrder(),
            RowsPerSample = 1,
            Memory = new RowMemory(0, 0, 0, Single * 2 * model.Dim, kept, Single * 3 * image.Classes),
            Flops = new RowFlops(2.0 * elements, 0, 0, 0, false),
            MatrixElements = elements,
        };
    }
}
