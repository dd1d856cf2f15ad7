using Dipnet.Protos;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dipnet.Coordinator.Jobs;

/// <summary>Writes a resolved job as a job file that loads again to the same job.</summary>
public static class JobWriter
{
    /// <summary>The job as YAML, every key in the order of docs/job-file.md.</summary>
    public static string Write(JobSpec job)
    {
        var whole = JobSpecs.Complete(job);
        var text = new StringWriter { NewLine = "\n" };
        var emitter = new Emitter(text);
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        emitter.Emit(new MappingStart());
        WriteGroup(emitter, whole, "");
        emitter.Emit(new MappingEnd());
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void WriteGroup(Emitter emitter, JobSpec job, string prefix)
    {
        var names = JobKeys.All
            .Where(key => key.Path.StartsWith(prefix, StringComparison.Ordinal))
            .Select(key => key.Path[prefix.Length..].Split('.')[0])
            .Distinct();
        foreach (var name in names)
        {
            emitter.Emit(new Scalar(name));
            if (JobKeys.Find(prefix + name) is { } key)
            {
                var value = key.Read(job);
                // Quotes keep an empty text, "null" and "~" apart from a missing value.
                var style = value is string text && (text.Length == 0 || text is "null" or "~") ? ScalarStyle.DoubleQuoted : ScalarStyle.Any;
                emitter.Emit(new Scalar(null, null, JobKey.Format(value), style, isPlainImplicit: true, isQuotedImplicit: true));
                continue;
            }

            emitter.Emit(new MappingStart());
            WriteGroup(emitter, job, prefix + name + ".");
            emitter.Emit(new MappingEnd());
        }
    }
}
