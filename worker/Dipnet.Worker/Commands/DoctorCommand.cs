using System.CommandLine;
using Dipnet.Worker.Hosting;

namespace Dipnet.Worker.Commands;

/// <summary><c>doctor</c>: what this host has, and what is wrong.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", "Print what this host has for training and what is wrong.");
        command.SetAction(_ =>
        {
            var findings = HostReport.Collect();
            foreach (var finding in findings)
            {
                Console.WriteLine($"{(finding.Wrong ? "✗" : "✓")} {finding.Subject,-16} {finding.Text}");
            }

            return findings.Any(f => f.Wrong) ? ExitCode.Missing : ExitCode.Completed;
        });
        return command;
    }
}
