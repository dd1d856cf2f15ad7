namespace Dipnet.EndToEnd.Tests;

internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The digest that the command printed.</summary>
    public string Digest => Output.Split('\n').Select(line => line.Trim()).Single(line => line.StartsWith("weightsSha256 ", StringComparison.Ordinal))["weightsSha256 ".Length..];
}
