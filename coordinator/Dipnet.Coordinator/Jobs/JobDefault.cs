using Dipnet.Protos;

namespace Dipnet.Coordinator.Jobs;

/// <summary>What a key is when the job file leaves it out: a value, or a function of the keys above it in the table.</summary>
internal sealed record JobDefault(string Text, Func<JobSpec, object> Value)
{
    public static JobDefault Of(object value, string text) => new(text, _ => value);
}
