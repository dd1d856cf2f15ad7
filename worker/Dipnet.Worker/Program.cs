using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Dipnet.Modules;
using Dipnet.Worker.Commands;
using Dipnet.Worker.Hosting;

// libtorch comes first: nothing may touch TorchSharp before. `doctor` says itself what is wrong with it.
if (args is not ["doctor", ..])
{
    try
    {
        TorchNative.Load();
    }
    catch (TorchNativeException e)
    {
        Console.Error.WriteLine(e.Message);
        return ExitCode.Missing;
    }
}

var root = new RootCommand("A Dipnet worker, and every command that computes with tensors.") { HelpName = "dipnet" };
foreach (var command in CommandList.All())
{
    root.Subcommands.Add(command);
}

if (Console.IsOutputRedirected && root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction help })
{
    help.MaxWidth = 80;
}

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors.Where(e => parsed.UnmatchedTokens.Count == 0 || e.Message != "Required command was not provided."))
    {
        Console.Error.WriteLine($"dipnet: {error.Message}");
    }

    Console.Error.WriteLine($"dipnet: `{string.Join(' ', Names(parsed.CommandResult).Append("--help"))}` shows how it is used.");
    return ExitCode.Configuration;
}

// SIGTERM is a worker's request to leave its job in order; the parser would end the process two seconds after it.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

static IEnumerable<string> Names(SymbolResult? result) =>
    result is CommandResult command ? Names(command.Parent).Append(command.Command is RootCommand ? "dipnet" : command.Command.Name) : [];
