using System.CommandLine;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Commands;

/// <summary><c>doctor</c>: what this host has, and what is wrong.</summary>
internal static class DoctorCommand
{
    private const int Width = 80;

    public static Command Create()
    {
        var command = new Command("doctor", "Print what this host has for training and what is wrong.");
        command.SetAction(_ =>
        {
            var findings = HostFindings.Of(HostLook.Look());
            foreach (var line in findings.SelectMany(finding => FindingText.Lines(finding, Width)))
            {
                Console.WriteLine(line);
            }

            var wrong = findings.Where(finding => finding.Wrong).Select(finding => finding.Subject).ToArray();
            Console.WriteLine(wrong.Length == 0 ? "Nothing is wrong." : $"Wrong: {string.Join(", ", wrong)}.");
            return wrong.Length == 0 ? ExitCode.Completed : ExitCode.Missing;
        });
        return command;
    }
}
