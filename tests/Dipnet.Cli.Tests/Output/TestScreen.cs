using Dipnet.Cli.Output;
using Spectre.Console;

namespace Dipnet.Cli.Tests.Output;

/// <summary>A screen as a redirected output is one: plain text, 80 columns.</summary>
internal sealed class TestScreen
{
    private readonly StringWriter _out = new();

    public TestScreen(bool quiet = false)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(_out) });
        console.Profile.Width = Screen.Width;
        Screen = new Screen(console, Errors, quiet);
    }

    public Screen Screen { get; }

    public StringWriter Errors { get; } = new();

    public string Text => _out.ToString();

    public IEnumerable<string> Lines => Text.Split('\n').Select(line => line.TrimEnd());
}
