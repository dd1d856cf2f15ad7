using Spectre.Console;

namespace Dipnet.Cli.Output;

/// <summary>Where the command writes: results to standard output, what the user must know to standard error. Quiet: only errors are written.</summary>
internal sealed class Screen(IAnsiConsole console, TextWriter errors, bool quiet)
{
    /// <summary>Widest line of a table, in columns.</summary>
    public const int Width = 80;

    public IAnsiConsole Console { get; } = console;

    public bool Quiet { get; } = quiet;

    /// <summary>A line that changes in place is possible and wanted.</summary>
    public bool Live => !Quiet && Console.Profile.Capabilities.Interactive && Console.Profile.Capabilities.Ansi && Console.Profile.Out.IsTerminal;

    public static Screen OfThisProcess(bool quiet)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (!console.Profile.Out.IsTerminal)
        {
            console.Profile.Width = Width;
        }

        return new Screen(console, System.Console.Error, quiet);
    }

    public void Say(string line)
    {
        if (!Quiet)
        {
            Console.Profile.Out.Writer.WriteLine(line);
            Console.Profile.Out.Writer.Flush();
        }
    }

    public void Error(string line) => errors.WriteLine($"dipnet: {line}");
}
