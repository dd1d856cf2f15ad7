using Dipnet.Cli.Hosting;
using Dipnet.Protos;

namespace Dipnet.Cli.Setup;

/// <summary>Sees to a job's data before anything is started on this machine.</summary>
internal static class JobData
{
    /// <exception cref="CommandException">The data is not here; the message says how to get it.</exception>
    public static async Task EnsureAsync(JobSpec job, Action<string> say, CancellationToken cancellation)
    {
        foreach (var (key, path) in new[] { ("data.path", job.Data.Path), ("data.eval-path", job.Data.EvalPath), ("model.path", job.Model.Path), ("model.tokenizer", job.Model.Tokenizer), ("resume-from", job.ResumeFrom) })
        {
            if (path.Length > 0 && !Path.Exists(path))
            {
                throw new CommandException(ExitCode.Configuration, $"{key} = {path}: there is no such file or folder");
            }
        }

        if (job.Data.Path.Length > 0)
        {
            return;
        }

        switch (job.Data.Name)
        {
            case "fashion-mnist":
                await FashionMnist.OfThisMachine().EnsureAsync(say, cancellation);
                break;
            case "mnist" or "cifar10" when !Directory.Exists(Path.Combine("/usr/share/datasets", job.Data.Name)) && !Directory.Exists(Path.Combine(DataFolders.Cache, job.Data.Name)):
                throw new CommandException(ExitCode.Missing,
                    $"data set {job.Data.Name} is not here: put its files into {Path.Combine(DataFolders.Cache, job.Data.Name)}, or set data.path to their folder");
        }
    }

    /// <summary>Makes relative paths absolute, so that workers and a later resume do not depend on the folder of this command.</summary>
    public static void MakePathsAbsolute(JobSpec job)
    {
        job.Data.Path = Absolute(job.Data.Path);
        job.Data.EvalPath = Absolute(job.Data.EvalPath);
        job.Model.Path = Absolute(job.Model.Path);
        job.Model.Tokenizer = Absolute(job.Model.Tokenizer);
        job.ResumeFrom = Absolute(job.ResumeFrom);

        static string Absolute(string path) => path.Length == 0 ? "" : Path.GetFullPath(path);
    }
}
