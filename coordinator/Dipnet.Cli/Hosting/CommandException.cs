namespace Dipnet.Cli.Hosting;

/// <summary>Ends the command with a code and one clear line; never a stack trace.</summary>
internal sealed class CommandException(int code, string message) : Exception(message)
{
    public int Code { get; } = code;
}
