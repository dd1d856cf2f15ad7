using Dipnet.Modules.Files;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>The projections of a model in a file of their own beside its weights, so that the usual loaders take the folder.</summary>
internal static class ProjectionsFile
{
    public const string FileName = "projections.safetensors";

    /// <summary>Writes the file, or removes it when the model has no projections.</summary>
    public static void Save(DecoderModel model, string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (model.Projections.Count > 0)
        {
            TensorFile.Write(path, Tensors(model), SafetensorsType.F32);
        }
        else
        {
            File.Delete(path);
        }
    }

    /// <summary>Adds projections where they are not yet there and fills them from the file; without a file nothing is filled.</summary>
    /// <param name="model">Gets the projections.</param>
    /// <param name="folder">Where the file may be.</param>
    /// <param name="options">Where they must stand and the σ without a file; null: only those that the file has.</param>
    /// <exception cref="ModelFormatException">The file's projections stand elsewhere than the model's.</exception>
    public static void Load(DecoderModel model, string folder, ProjectionOptions? options)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            if (options is not null)
            {
                model.AddProjections(options);
            }
            return;
        }
        using var file = SafetensorsFile.Open(path);
        if (model.Projections.Count == 0)
        {
            var sublayers = file.Entries.Any(static e => e.Name.Contains(DecoderBlock.FeedForwardProjection, StringComparison.Ordinal));
            var found = sublayers ? ProjectionPlace.Sublayers : ProjectionPlace.Blocks;
            if (options is not null && options.Where != found)
            {
                throw new ModelFormatException(path, $"has projections of {found}, {options.Where} are asked for");
            }
            model.AddProjections((options ?? new ProjectionOptions()) with { Where = found });
        }
        TensorFile.Fill(file, Tensors(model));
    }

    static IEnumerable<(string Name, Tensor Tensor)> Tensors(DecoderModel model) => model.Projections.Select(static p => ($"{p.Name}.rho", (Tensor)p.Projection.rho));
}
