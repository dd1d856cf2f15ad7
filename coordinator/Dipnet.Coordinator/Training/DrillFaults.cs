namespace Dipnet.Coordinator.Training;

/// <summary>Faults of a drill: "kill:1@20" (worker 1 at step 20) becomes "kill@20" for the second worker that joins.</summary>
internal static class DrillFaults
{
    public static IEnumerable<string> Of(IEnumerable<string> faults, int worker)
    {
        foreach (var fault in faults)
        {
            var at = fault.IndexOf('@', StringComparison.Ordinal);
            var colon = fault.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && colon < at && int.TryParse(fault.AsSpan(colon + 1, at - colon - 1), out var target) && target == worker)
            {
                yield return fault[..colon] + fault[at..];
            }
        }
    }
}
