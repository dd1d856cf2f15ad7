using Dipnet.Protos;

namespace Dipnet.Coordinator.Jobs;

/// <summary>Loads job files: YAML with the keys of docs/job-file.md. Pure but for reading the file.</summary>
public static class JobFile
{
    /// <summary>Loads a file. A file that cannot be read is an error like any other.</summary>
    public static JobLoad Load(string path, IReadOnlyList<JobOverride> overrides)
    {
        try
        {
            return Parse(File.ReadAllText(path), path, overrides);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(null, [new(path, 0, "", "", "there is no such file")]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return new(null, [new(path, 0, "", "", $"cannot be read: {exception.Message}")]);
        }
    }

    /// <summary>
    /// Loads a job from text; <paramref name="file"/> is the name that errors and the default of <c>name</c> use.
    /// Overrides replace the file's values; an override of <c>steps</c> or <c>epochs</c> replaces the other as well.
    /// </summary>
    public static JobLoad Parse(string text, string file, IReadOnlyList<JobOverride> overrides)
    {
        var document = JobDocument.Read(text, file);
        var errors = new List<JobFileError>(document.Errors);
        var entries = new Dictionary<string, JobEntry>();
        foreach (var entry in document.Entries)
        {
            entries[entry.Key] = entry;
        }

        Override(entries, overrides, errors);
        var job = JobSpecs.Empty();
        var wrong = new HashSet<string>(errors.Select(error => error.Key));
        foreach (var entry in entries.Values)
        {
            var key = JobKeys.Find(entry.Key)!;
            if (key.TryParse(entry.Value, out var value, out var rule))
            {
                key.Write(job, value);
            }
            else
            {
                errors.Add(entry.Breaks(rule));
                wrong.Add(entry.Key);
            }
        }

        ApplyDefaults(job, entries, file);
        errors.AddRange(JobRules.Broken(job)
            .Where(broken => !broken.Keys.Any(wrong.Contains))
            .Select(broken => Locate(broken, job, entries, file)));
        if (errors.Count > 0)
        {
            return new(null, [.. errors.OrderBy(error => error.File == file ? 0 : 1).ThenBy(error => error.Line)]);
        }

        job.Steps = job.Steps > 0 ? job.Steps : JobSpecs.Steps(job);
        return new(job, []) { Given = entries.Keys.ToHashSet() };
    }

    private static void Override(Dictionary<string, JobEntry> entries, IReadOnlyList<JobOverride> overrides, List<JobFileError> errors)
    {
        foreach (var given in overrides)
        {
            if (JobKeys.Find(given.Key) is null)
            {
                errors.Add(new(given.Source, 0, given.Key, given.Value,
                    JobKeys.IsGroup(given.Key) ? "is a group of keys; name one of them" : JobKeyNames.UnknownRule(given.Key)));
                continue;
            }

            entries[given.Key] = new(given.Source, 0, given.Key, given.Value);
        }

        DropOther("steps", "epochs");
        DropOther("epochs", "steps");

        void DropOther(string given, string other)
        {
            if (overrides.Any(o => o.Key == given) && overrides.All(o => o.Key != other))
            {
                entries.Remove(other);
            }
        }
    }

    private static void ApplyDefaults(JobSpec job, Dictionary<string, JobEntry> entries, string file)
    {
        foreach (var key in JobKeys.All.Where(key => !entries.ContainsKey(key.Path)))
        {
            key.Write(job, key.Default.Value(job));
        }

        if (!entries.ContainsKey("name"))
        {
            job.Name = JobSpecs.NameFrom(Path.GetFileNameWithoutExtension(file), job.Name);
        }
    }

    private static JobFileError Locate(BrokenRule broken, JobSpec job, Dictionary<string, JobEntry> entries, string file)
    {
        // The place is the first of the rule's keys that its author wrote; a default cannot be wrong by itself.
        var written = broken.Keys.Select(key => entries.GetValueOrDefault(key)).FirstOrDefault(entry => entry is not null);
        var subject = written?.Key ?? broken.Keys[0];
        return new(written?.File ?? file, written?.Line ?? 0, subject, JobKey.Format(JobKeys.Find(subject)!.Read(job)), broken.Rule);
    }
}
