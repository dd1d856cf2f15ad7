using Dipnet.Protos;

namespace Dipnet.Worker.Control;

/// <summary>What the training thread is asked for.</summary>
internal enum CommandKind
{
    Message,
    DropState,
    Leave,
    End,
}

/// <param name="Message">Of the coordinator; null for the other kinds.</param>
/// <param name="Kind">Where it comes from.</param>
internal readonly record struct Command(CoordinatorMessage? Message, CommandKind Kind);
