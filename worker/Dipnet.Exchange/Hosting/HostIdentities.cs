namespace Dipnet.Exchange;

/// <summary>Who can map whose memory and reach whose abstract Unix sockets.</summary>
public static class HostIdentities
{
    /// <summary>
    /// Boot id, process-id namespace, network namespace and user: equal exactly for processes that can map each other's memory by process id and connect to each
    /// other's abstract Unix sockets, which belong to a network namespace.
    /// </summary>
    public static string Current()
    {
        const string bootId = "/proc/sys/kernel/random/boot_id";
        if (!File.Exists(bootId))
        {
            return $"{Environment.MachineName}/{Environment.UserName}";
        }

        return $"{File.ReadAllText(bootId).Trim()}/{Namespace("pid")}/{Namespace("net")}/{Libc.EffectiveUser()}";
    }

    private static string Namespace(string kind) => new FileInfo($"/proc/self/ns/{kind}").LinkTarget ?? $"{kind}:?";
}
