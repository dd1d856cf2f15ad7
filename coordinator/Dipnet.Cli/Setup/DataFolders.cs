namespace Dipnet.Cli.Setup;

/// <summary>Where data sets are looked for; the worker looks in the same places.</summary>
internal static class DataFolders
{
    /// <summary>$XDG_CACHE_HOME/dipnet or ~/.cache/dipnet.</summary>
    public static string Cache
    {
        get
        {
            var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            return Path.Combine(string.IsNullOrEmpty(root) ? Path.Combine(home, ".cache") : root, "dipnet");
        }
    }
}
