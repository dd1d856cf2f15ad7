using Dipnet.Protos;

namespace Dipnet.Cli.Commands;

/// <param name="Job">Resolved, with absolute paths.</param>
/// <param name="WorkersGiven">The file or a flag says how many workers; else the number is a default.</param>
internal sealed record LoadedJob(JobSpec Job, bool WorkersGiven);
