using System.CommandLine;

namespace Dipnet.Cli.Commands;

/// <summary>The flag that names a coordinator; the environment variable DIPNET_COORDINATOR is its default.</summary>
internal static class CoordinatorOption
{
    public const string Default = "http://127.0.0.1:5080";

    public static Option<string> Create() => new("--coordinator")
    {
        Description = "Address of the coordinator; else the environment's DIPNET_COORDINATOR.",
        HelpName = "URL",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("DIPNET_COORDINATOR") ?? Default,
    };

    /// <exception cref="Hosting.CommandException">It is not an address.</exception>
    public static Uri Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new Hosting.CommandException(Hosting.ExitCode.Configuration, $"--coordinator {text}: must be an address like {Default}");
}
