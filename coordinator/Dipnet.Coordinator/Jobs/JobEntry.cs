namespace Dipnet.Coordinator.Jobs;

/// <summary>One value as its author wrote it, with its place.</summary>
internal sealed record JobEntry(string File, int Line, string Key, string Value)
{
    public JobFileError Breaks(string rule) => new(File, Line, Key, Value, rule);
}
