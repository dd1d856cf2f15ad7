using System.Text;
using Dipnet.Coordinator.Jobs;

namespace Dipnet.Coordinator.Tests.Jobs;

/// <summary>Writes docs/job-file.md from the table of keys.</summary>
internal static class JobFileDocumentation
{
    /// <summary>The page as Markdown.</summary>
    public static string Write()
    {
        var page = new StringBuilder();
        page.Append(Introduction);
        foreach (var group in JobKeys.All.GroupBy(key => key.Path.Contains('.') ? key.Path[..key.Path.LastIndexOf('.')] : "").OrderBy(group => group.Key.Length == 0 ? 0 : 1))
        {
            page.Append(group.Key.Length == 0 ? "\n## Top level\n\n" : $"\n## {group.Key}\n\n");
            page.Append("| key | type | values | default | meaning |\n|---|---|---|---|---|\n");
            foreach (var key in group)
            {
                page.Append($"| `{key.Path}` | {key.TypeName} | {key.Range.Replace("|", "\\|", StringComparison.Ordinal)} | {key.Default.Text} | {key.Meaning} |\n");
            }
        }

        return page.ToString();
    }

    private const string Introduction =
        """
        # Job file

        A job file is YAML. It holds everything that decides the result of a training run; the number of workers does not.
        Every key has a default, so `{}` is a job: a vision transformer with projections on the embedded digits.

            name: my-vit
            data: { name: fashion-mnist }
            model: { kind: vit, depth: 4, dim: 64, heads: 4, patch: 7 }
            dipnet: { sigma: 0.2, gamma: 0.1, trajectories: 2 }
            epochs: 10

        `--set key=value` replaces one value with the full key of the tables below, e.g. `--set optimizer.weights.learning-rate=0.002`;
        `--workers N` is `--set workers.count=N`, `--seed S` is `--set seed=S`. Setting `steps` drops the file's `epochs`, and the other way round.
        A wrong job is refused before anything starts, with every error at once as `file:line: key = value: rule`, and exit code 2.
        The run's folder gets the resolved job as `job.yaml`: every key with its value. It loads again to the same job.

        """ + "\n";
}
