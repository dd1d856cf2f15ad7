using Dipnet.Cli.Hosting;
using Dipnet.Protos;

namespace Dipnet.Cli.Drills;

/// <summary>Reads and checks the faults of a drill.</summary>
internal static class FaultPlan
{
    /// <summary>The faults of a comma-separated list.</summary>
    /// <exception cref="CommandException">One is none, or cannot happen in this job; the message names all of them.</exception>
    public static IReadOnlyList<PlannedFault> Read(string text, JobSpec job)
    {
        var faults = new List<PlannedFault>();
        var errors = new List<string>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!PlannedFault.TryParse(word, out var fault, out var rule))
            {
                errors.Add($"--faults: {word}: {rule}");
                continue;
            }

            faults.Add(fault);
            if (fault.Step >= job.Steps && job.Steps > 0)
            {
                errors.Add($"--faults: {word}: the step must be under the job's {job.Steps} steps");
            }

            if (fault.Kind == "scale" && (fault.Number < 1 || fault.Number > job.Microbatches))
            {
                errors.Add($"--faults: {word}: the workers must be from 1 to the job's microbatches ({job.Microbatches})");
            }
        }

        var workers = job.Workers.Count + faults.Sum(f => f.Kind switch
        {
            "join" => 1,
            "scale" => Math.Max(0, f.Number!.Value - (int)job.Workers.Count),
            _ => 0,
        });
        errors.AddRange(faults.Where(fault => fault.Worker >= workers)
            .Select(fault => $"--faults: {fault}: there are only {workers} workers, counted from 0"));
        if (faults.Count == 0)
        {
            errors.Add("--faults: must name a fault");
        }

        return errors.Count == 0 ? faults : throw new CommandException(ExitCode.Configuration, string.Join('\n', errors));
    }
}
