using Dipnet.Protos;

namespace Dipnet.Worker.Control;

/// <summary>
/// Commands from the coordinator, in order, for the training thread. A command that arrives while a plan is carried out cancels <see cref="Interrupt"/>.
/// Thread-safe; one taker.
/// </summary>
internal sealed class Mailbox : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<Command> _commands = new();
    private CancellationTokenSource _interrupt = new();

    /// <summary>Cancelled while a command waits. Read it after <see cref="Take"/>: it is renewed when the last command is taken.</summary>
    public CancellationToken Interrupt
    {
        get
        {
            lock (_gate)
            {
                return _interrupt.Token;
            }
        }
    }

    /// <summary>Adds a command and interrupts the plan under way.</summary>
    public void Post(CoordinatorMessage message) => Post(new Command(message, CommandKind.Message), interrupts: true);

    /// <summary>The coordinator no longer counts this worker's state as the job's.</summary>
    public void PostDropState() => Post(new Command(null, CommandKind.DropState), interrupts: true);

    /// <summary>Wakes an idle worker that was told to leave; a plan under way goes on.</summary>
    public void PostLeave() => Post(new Command(null, CommandKind.Leave), interrupts: false);

    /// <summary>Ends the worker whatever it does.</summary>
    public void PostEnd() => Post(new Command(null, CommandKind.End), interrupts: true);

    /// <summary>Waits for the next command.</summary>
    public Command Take()
    {
        lock (_gate)
        {
            while (_commands.Count == 0)
            {
                Monitor.Wait(_gate);
            }

            var command = _commands.Dequeue();
            if (_interrupt.IsCancellationRequested && !_commands.Any(c => c.Kind != CommandKind.Leave))
            {
                _interrupt.Dispose();
                _interrupt = new CancellationTokenSource();
            }

            return command;
        }
    }

    public void Dispose() => _interrupt.Dispose();

    private void Post(Command command, bool interrupts)
    {
        lock (_gate)
        {
            _commands.Enqueue(command);
            if (interrupts)
            {
                // Under the lock, so that it cannot hit the renewed source of a later plan. What is registered on it only wakes waiters.
                _interrupt.Cancel();
            }

            Monitor.Pulse(_gate);
        }
    }
}
