using Dipnet.Cli.Hosting;
using Dipnet.Cli.Setup;
using Dipnet.Coordinator.Jobs;

namespace Dipnet.Cli.Commands;

/// <summary>The job that a command line means.</summary>
/// <param name="File">Job file; null: the embedded default job.</param>
/// <param name="Sets">Texts of <c>--set</c>.</param>
/// <param name="Workers">Of <c>--workers</c>.</param>
/// <param name="Seed">Of <c>--seed</c>.</param>
internal sealed record JobSource(string? File, IReadOnlyList<string> Sets, string? Workers, string? Seed)
{
    private const string EmbeddedJob = "vit-digits.yaml";

    /// <summary>Reads and resolves the job.</summary>
    /// <exception cref="CommandException">The job is wrong; the message has every error, a line each.</exception>
    public LoadedJob Load()
    {
        List<JobOverride> overrides = [.. Sets.Select(JobOverride.FromSet)];
        Add("--workers", "workers.count", Workers);
        Add("--seed", "seed", Seed);
        var load = File is null ? JobFile.Parse(ReadEmbedded(), EmbeddedJob, overrides) : JobFile.Load(File, overrides);
        if (load.Job is null)
        {
            throw new CommandException(ExitCode.Configuration, $"the job is refused\n{string.Join('\n', load.Errors)}");
        }

        JobData.MakePathsAbsolute(load.Job);
        EpochSteps.Resolve(load.Job, load.Given.Contains("steps"));
        return new(load.Job, load.Given.Contains("workers.count"));

        void Add(string flag, string key, string? value)
        {
            if (value is not null)
            {
                overrides.Add(new JobOverride(flag, key, value));
            }
        }
    }

    private static string ReadEmbedded()
    {
        using var stream = typeof(JobSource).Assembly.GetManifestResourceStream(EmbeddedJob)
            ?? throw new InvalidOperationException($"{EmbeddedJob} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
