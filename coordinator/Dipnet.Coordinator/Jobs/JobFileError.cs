namespace Dipnet.Coordinator.Jobs;

/// <summary>One rule that a job breaks.</summary>
/// <param name="File">The file's path, or the flag that gave the value (<c>--set</c>, <c>--workers</c>).</param>
/// <param name="Line">Line in the file, from 1; 0 where there is none.</param>
/// <param name="Key">Full key, e.g. <c>model.heads</c>; empty when the file as a whole is wrong.</param>
/// <param name="Value">The value as written; empty when there is none.</param>
/// <param name="Rule">What must hold.</param>
public sealed record JobFileError(string File, int Line, string Key, string Value, string Rule)
{
    /// <summary><c>file:line: key = value: rule</c>, without the parts that are absent.</summary>
    public override string ToString()
    {
        var place = Line > 0 ? $"{File}:{Line}" : File;
        var subject = Key.Length == 0 ? "" : Value.Length == 0 ? $"{Key}: " : $"{Key} = {Value}: ";
        return $"{place}: {subject}{Rule}";
    }
}
