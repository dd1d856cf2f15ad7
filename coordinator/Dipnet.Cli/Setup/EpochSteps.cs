using Dipnet.Cli.Hosting;
using Dipnet.Protos;

namespace Dipnet.Cli.Setup;

/// <summary>Turns a job's epochs into steps where only the files of <c>data.path</c> say how many samples there are; a data set's name tells just the published number.</summary>
internal static class EpochSteps
{
    /// <summary>The job's steps become those of its epochs over the given files, and its epochs 0: the resolved job then says what is trained, whoever reads it.</summary>
    /// <param name="job">Resolved, with absolute paths.</param>
    /// <param name="stepsGiven">Somebody wrote steps: they stay.</param>
    /// <exception cref="CommandException">The files are not here or not of the set's format, so nobody can count them.</exception>
    public static void Resolve(JobSpec job, bool stepsGiven)
    {
        if (stepsGiven || job.Epochs == 0 || job.Data.Path.Length == 0)
        {
            return;
        }

        var samples = (ulong)Count(job);
        samples = job.Data.Limit > 0 ? Math.Min(samples, job.Data.Limit) : samples;
        job.Steps = (uint)Math.Min(uint.MaxValue, (samples * job.Epochs + job.GlobalBatch - 1) / job.GlobalBatch);
        job.Epochs = 0;
    }

    private static long Count(JobSpec job)
    {
        try
        {
            return SampleCount.Training(job.Data.Name, job.Data.Path) is { } samples and > 0 ? samples : throw Uncounted(job, $"it holds no {job.Data.Name} on this machine");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Uncounted(job, exception.Message);
        }
    }

    private static CommandException Uncounted(JobSpec job, string why) => new(
        ExitCode.Configuration, $"the job is refused\nepochs = {job.Epochs}: the samples of data.path = {job.Data.Path} cannot be counted ({why}); give steps, or another data.path");
}
