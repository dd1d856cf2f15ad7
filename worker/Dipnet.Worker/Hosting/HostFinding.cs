namespace Dipnet.Worker.Hosting;

/// <param name="Subject">What was looked at.</param>
/// <param name="Text">What was seen; when wrong, what to do.</param>
/// <param name="Wrong">Training cannot or should not run so.</param>
internal sealed record HostFinding(string Subject, string Text, bool Wrong = false);
