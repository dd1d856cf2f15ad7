using System.Globalization;
using Dipnet.Protos;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Dipnet.Coordinator.Jobs;

/// <summary>What follows from a job alone.</summary>
internal static class JobSpecs
{
    /// <summary>A job in which every group exists and every value is the type's zero.</summary>
    public static JobSpec Empty()
    {
        var job = new JobSpec();
        Fill(job);
        return job;
    }

    /// <summary>A copy of the job in which every group exists.</summary>
    public static JobSpec Complete(JobSpec job)
    {
        var whole = job.Clone();
        Fill(whole);
        return whole;
    }

    /// <summary>
    /// Steps of <c>epochs</c> passes, the last one rounded up; 0 when only the worker can count the samples.
    /// </summary>
    public static uint Steps(JobSpec job)
    {
        ulong samples = DataSets.Find(job.Data.Name)?.TrainingSamples ?? 0;
        samples = job.Data.Limit > 0 ? Math.Min(samples, job.Data.Limit) : samples;
        var batch = Math.Max(1ul, job.GlobalBatch);
        return (uint)Math.Min(uint.MaxValue, (samples * job.Epochs + batch - 1) / batch);
    }

    /// <summary>What the workers count a second: samples, or target tokens of a language model.</summary>
    public static string ThroughputUnit(JobSpec job) => JobKeys.LanguageData(job) ? "tokens/s" : "samples/s";

    /// <summary>A job name from a file name, or <paramref name="fallback"/> when that has characters a name may not have.</summary>
    public static string NameFrom(string file, string fallback) => IsName(file) ? file : fallback;

    /// <summary>Whether the text may name a job; the name is part of a folder's name.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= 48 && name[0] != '.' && name[0] != '-' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    /// <summary>Whether the text is <c>auto</c>, <c>cpu</c> or <c>cuda:0,1</c>.</summary>
    public static bool IsDevices(string devices) =>
        devices is "auto" or "cpu"
        || (devices.StartsWith("cuda:", StringComparison.Ordinal) && devices[5..].Split(',').All(number => byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out _)));

    private static void Fill(IMessage message)
    {
        foreach (var field in message.Descriptor.Fields.InDeclarationOrder().Where(field => field.FieldType == FieldType.Message))
        {
            if (field.Accessor.GetValue(message) is not IMessage child)
            {
                child = field.MessageType.Parser.ParseFrom(ByteString.Empty);
                field.Accessor.SetValue(message, child);
            }

            Fill(child);
        }
    }
}
