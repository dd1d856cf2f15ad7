namespace Dipnet.Exchange;

/// <summary>Who can map whose memory.</summary>
public static class HostIdentities
{
    /// <summary>Boot id, process-id namespace and user: equal exactly for processes that can map each other's memory by process id.</summary>
    public static string Current()
    {
        const string bootId = "/proc/sys/kernel/random/boot_id";
        if (!File.Exists(bootId))
        {
            return $"{Environment.MachineName}/{Environment.UserName}";
        }

        var space = new FileInfo("/proc/self/ns/pid").LinkTarget ?? "pid:?";
        return $"{File.ReadAllText(bootId).Trim()}/{space}/{Libc.EffectiveUser()}";
    }
}
