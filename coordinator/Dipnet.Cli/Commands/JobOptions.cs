using System.CommandLine;
using System.CommandLine.Parsing;

namespace Dipnet.Cli.Commands;

/// <summary>The flags that change a job, the same for every command that takes one. Values stay text here: the job's rules check them.</summary>
internal sealed class JobOptions
{
    public Option<string?> Workers { get; } = new("--workers") { Description = "Number of workers.", HelpName = "N" };

    public Option<string[]> Sets { get; } = new("--set") { Description = "Replace a value of the job, e.g. --set dipnet.sigma=0.3. May be repeated.", HelpName = "key=value", Arity = ArgumentArity.ZeroOrMore };

    public Option<string?> Seed { get; } = new("--seed") { Description = "Seed of initialisation, order and noise.", HelpName = "S" };

    public Option<string?> RunDirectory { get; } = new("--run-dir") { Description = "Folder in which the run's folder is made (runs).", HelpName = "DIR" };

    public Option<bool> Quiet { get; } = new("--quiet") { Description = "Write errors only." };

    public JobSource Source(ParseResult parse, string? file) =>
        new(file, parse.GetValue(Sets) ?? [], parse.GetValue(Workers), parse.GetResult(Seed) is null ? null : parse.GetValue(Seed));

    /// <summary>A mistyped flag is not the name of a job file.</summary>
    public static void RefuseFlag(ArgumentResult argument)
    {
        if (argument.Tokens is [{ Value: ['-', ..] flag }])
        {
            argument.AddError($"{flag} is not an option of this command; --help lists them.");
        }
    }

    public string RunDirectoryOf(ParseResult parse) => Path.GetFullPath(parse.GetValue(RunDirectory) ?? "runs");
}
