namespace Dipnet.Coordinator.Jobs;

/// <summary>A value from the command line that replaces the file's.</summary>
/// <param name="Source">The flag, as errors name it.</param>
/// <param name="Key">Full key, e.g. <c>optimizer.weights.learning-rate</c>.</param>
/// <param name="Value">The value as text; empty is the empty text.</param>
public sealed record JobOverride(string Source, string Key, string Value)
{
    /// <summary>Reads <c>key=value</c> of a <c>--set</c> flag; without an equals sign the value is missing and the rule check says so.</summary>
    public static JobOverride FromSet(string text)
    {
        var equals = text.IndexOf('=');
        return equals < 0 ? new("--set", text.Trim(), "") : new("--set", text[..equals].Trim(), text[(equals + 1)..].Trim());
    }
}
