using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Planning;

/// <summary>The shape of a job's language model, from the job, from files, or from what is published of the model that the path names.</summary>
internal static class DecoderSource
{
    /// <param name="job">The job.</param>
    /// <param name="missing">Gets what a worker will need and is not here.</param>
    /// <exception cref="ArgumentException">Nothing says what shape the model has.</exception>
    /// <exception cref="ModelFormatException">Files are not what they should be.</exception>
    public static DecoderConfig Config(JobSpec job, ICollection<string> missing)
    {
        var path = job.Model.Path;
        if (path.Length == 0)
        {
            return LanguageModels.FreshShape(job.Model, LanguageModels.Tokenizer(job));
        }

        if (File.Exists(path))
        {
            using var model = Llama2cFile.Load(path);
            return model.Config;
        }

        var file = Path.Combine(path, DecoderConfigFile.FileName);
        if (File.Exists(file))
        {
            var config = DecoderConfigFile.Read(file);
            if (!Directory.EnumerateFiles(path, "*.safetensors").Any())
            {
                missing.Add($"{path}: has no weights (*.safetensors)");
            }

            return config;
        }

        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(path));
        var known = KnownDecoders.Find(name) ?? throw new ArgumentException(
            $"model.path \"{path}\": is not on this machine, and {name} is none of the published shapes ({string.Join(", ", KnownDecoders.Names)})");
        missing.Add($"{path}: is not on this machine; planned from the published shape of {known.Name}. Workers need config.json, *.safetensors and a tokenizer there");
        return known.Config;
    }
}
