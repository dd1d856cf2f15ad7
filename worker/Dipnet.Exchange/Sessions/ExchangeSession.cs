using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Dipnet.Exchange;

/// <summary>
/// One generation of one job: takes part in the ordered all-reduce of step after step. <see cref="BeginStep"/>, <see cref="Wait"/> and
/// <see cref="Reduced"/> are the training thread's; the rest may be used from any thread. Peers that die or hang never surface as exceptions: the
/// session waits until it is fenced, since who is dead is the coordinator's decision.
/// </summary>
public sealed unsafe class ExchangeSession : IAsyncDisposable
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(10);

    private readonly ExchangeLoop? loop;
    private readonly CancellationTokenSource closing = new();
    private readonly ManualResetEventSlim reduced = new(false, spinCount: 0);
    private readonly TaskCompletionSource<StepState> first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> work = [];
    private readonly List<IDisposable> owned = [];
    private readonly Lock gate = new();
    private readonly ILogger logger;
    private StepState? previous;
    private StepState? current;
    private Exception? failure;
    private long publishedAt;
    private long reducedAt;
    private bool closed;

    internal ExchangeSession(SessionOptions options, ILogger logger)
    {
        options.Validate();
        Options = options;
        this.logger = logger;
        Frame = new SessionFrame(options);
        if (options.World > 1)
        {
            loop = new ExchangeLoop(Frame, OnReduced, OnFailed);
        }

        options.Arena.Control.SessionKey = Frame.Key;
    }

    /// <summary>Where the reduced gradient lies, in offset order, covering the layout. Valid until this worker publishes a bucket of the next step.</summary>
    public IReadOnlyList<ReducedSpan> Reduced { get; private set; } = [];

    /// <summary>Ranks whose nodes this worker lacks in the step under way; when it has all nodes, ranks whose results it lacks.</summary>
    public IReadOnlyList<int> WaitingFor => Volatile.Read(ref current) is { } step && loop is not null ? step.WaitingFor() : [];

    /// <summary>Of the last reduced step.</summary>
    public ExchangeCounters Counters { get; private set; }

    /// <summary>Bytes that came from peers for the step under way; 0 when it is reduced. After a fence they are received again.</summary>
    public ulong UnfinishedBytes => Volatile.Read(ref current) is { } step && loop is not null && !reduced.IsSet ? step.WeightsBytes + step.ProjectionsBytes : 0;

    /// <summary>There is no other worker: a step's sum is the node that is there when the step begins, and nothing needs to be published.</summary>
    public bool IsAlone => loop is null;

    /// <summary>Kinds of connection in use, joined by +: shm, grpc, lane; none with one worker.</summary>
    public string Transports
    {
        get
        {
            var kinds = Frame.Peers.Select(p => p?.Transport).OfType<string>().Distinct().Order(StringComparer.Ordinal).ToArray();
            return kinds.Length == 0 ? "none" : string.Join('+', kinds);
        }
    }

    internal SessionOptions Options { get; }

    internal SessionFrame Frame { get; }

    internal CancellationToken Closing => closing.Token;

    internal ExchangeLoop Loop => loop ?? throw new InvalidOperationException("A session of one worker exchanges nothing.");

    /// <summary>Starts a step. Call when the results of the step before have been used and before this step's first bucket is published.</summary>
    /// <param name="owners">Rank of each microbatch, the same on every worker.</param>
    /// <param name="nodes">This worker's nodes, <see cref="ReductionTree.Cover"/> of its rank, and the slots in which they lie or will lie.</param>
    /// <exception cref="ArgumentException">The owners or nodes break a rule; the message says which.</exception>
    public void BeginStep(ulong step, IReadOnlyList<int> owners, IReadOnlyList<(TreeNode Node, int Slot)> nodes)
    {
        CheckStep(owners, nodes);
        var before = current;
        if (before is not null && (step != before.Step + 1 || !reduced.IsSet))
        {
            throw new InvalidOperationException($"Step {step} cannot begin: step {before.Step} is {(reduced.IsSet ? "before it" : "not reduced")}.");
        }

        var state = new StepState(Frame, step, owners, nodes, Options.BucketReduced is null ? null : OnBucketReduced);
        publishedAt = 0;
        reducedAt = 0;
        reduced.Reset();
        if (loop is null)
        {
            Volatile.Write(ref current, state);
            return;
        }

        Frame.Prepare(state.Plan);
        Options.Arena.Control.WriteNodes(nodes);
        lock (gate)
        {
            previous = before;
            Volatile.Write(ref current, state);
        }

        before?.Dispose();
        loop.Begin(state);
        (before?.Next ?? first).SetResult(state);
    }

    /// <summary>This worker's nodes of the bucket are final: peers may read them from now until the step is reduced here. Never blocks.</summary>
    public void PublishBucket(int bucket)
    {
        var step = current ?? throw new InvalidOperationException("No step has begun.");
        if (Interlocked.CompareExchange(ref publishedAt, Stopwatch.GetTimestamp(), 0) == 0)
        {
            // From here on the results of the step before may be overwritten.
            Reduced = [];
        }

        step.Publish(bucket);
        if (loop is not null)
        {
            Options.Arena.Control.SetNodesReady(bucket, step.Stamp);
            Bell.Ring(Options.Arena.Control.BellWord);
            loop.Published();
        }
    }

    /// <summary>Blocks until the step is reduced or the fence falls. A fence that falls before the step is reduced leaves the nodes as they are.</summary>
    /// <exception cref="ExchangeException">The exchange itself has failed (a bug or a refused configuration), not a peer.</exception>
    public StepOutcome Wait(CancellationToken fence)
    {
        var step = current ?? throw new InvalidOperationException("No step has begun.");
        var entered = Stopwatch.GetTimestamp();
        if (loop is null)
        {
            Reduced = [new ReducedSpan((nint)step.OwnNode(0), 0, Options.Layout.Elements)];
            Counters = default;
            reduced.Set();
            return new StepOutcome.Reduced();
        }

        try
        {
            reduced.Wait(fence);
        }
        catch (OperationCanceledException)
        {
            if (!reduced.IsSet)
            {
                var lost = WaitingFor;
                return new StepOutcome.Interrupted(
                    $"Fenced in step {step.Step}, generation {Options.Generation}, waiting for {(lost.Count == 0 ? "nobody" : $"rank {string.Join(", ", lost)}")}.",
                    lost.Count == 0 ? null : lost[0]);
            }
        }

        if (failure is not null)
        {
            throw new ExchangeException($"The exchange of step {step.Step} failed: {failure.Message}", failure);
        }

        Reduced = Frame.Spans();
        var hidden = publishedAt == 0 ? 0 : Math.Max(0, Math.Min(entered, reducedAt) - publishedAt);
        Counters = new ExchangeCounters(
            step.WeightsBytes, step.ProjectionsBytes, Stopwatch.GetElapsedTime(0, hidden).TotalSeconds, Stopwatch.GetElapsedTime(entered).TotalSeconds);
        return new StepOutcome.Reduced();
    }

    /// <summary>Ends the session: connections close, no thread touches the arena afterwards. Slots and what they hold stay.</summary>
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    internal void Close()
    {
        lock (gate)
        {
            if (closed)
            {
                return;
            }

            closed = true;
        }

        closing.Cancel();
        Options.Arena.Control.SessionKey = 0;
        loop?.Stop();
        Task[] running;
        lock (gate)
        {
            running = [.. work];
        }

        if (!Task.WhenAll(running).ContinueWith(_ => { }, TaskScheduler.Default).Wait(ClosePatience))
        {
            // Freeing memory under a thread that still reads it would be worse than keeping it.
            ExchangeLog.CloseTimedOut(logger, Options.Job, Options.Generation);
            return;
        }

        loop?.Dispose();
        owned.ForEach(o => o.Dispose());
        current?.Dispose();
        Frame.Dispose();
        reduced.Dispose();
    }

    /// <summary>Runs work that ends when <see cref="Closing"/> falls. False when the session is closed already.</summary>
    internal bool Run(Func<Task> body)
    {
        lock (gate)
        {
            if (closed)
            {
                return false;
            }

            work.RemoveAll(t => t.IsCompleted);
            work.Add(Task.Run(body));
            return true;
        }
    }

    /// <summary>Counts a server's handler among the session's work, so that its memory outlives it. Null when the session is closed.</summary>
    internal TaskCompletionSource? Enter()
    {
        var handler = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate)
        {
            if (closed)
            {
                return null;
            }

            work.RemoveAll(t => t.IsCompleted);
            work.Add(handler.Task);
            return handler;
        }
    }

    /// <summary>Disposes it with the session, after every thread is gone.</summary>
    internal void Own(IDisposable resource)
    {
        lock (gate)
        {
            owned.Add(resource);
        }
    }

    /// <summary>The step that a stream which begins with <paramref name="step"/> starts from; its own check refuses another number.</summary>
    internal Task<StepState> StepFrom(ulong step)
    {
        lock (gate)
        {
            return current is null ? first.Task
                : previous is not null && step <= previous.Step ? Task.FromResult(previous)
                : step <= current.Step ? Task.FromResult(current)
                : current.Next.Task;
        }
    }

    private void CheckStep(IReadOnlyList<int> owners, IReadOnlyList<(TreeNode Node, int Slot)> nodes)
    {
        if (owners.Count != Options.Microbatches)
        {
            throw new ArgumentException($"There are {owners.Count} owners: the step has {Options.Microbatches} microbatches.", nameof(owners));
        }

        foreach (var owner in owners)
        {
            if (owner < 0 || owner >= Options.World)
            {
                throw new ArgumentException($"Owner {owner} is not a rank: there are {Options.World} workers.", nameof(owners));
            }
        }

        var cover = ReductionTree.Cover(owners, Options.Rank);
        if (!cover.SequenceEqual(nodes.Select(n => n.Node)))
        {
            throw new ArgumentException(
                $"Nodes are [{string.Join(", ", nodes.Select(n => n.Node))}]: rank {Options.Rank} has [{string.Join(", ", cover)}].", nameof(nodes));
        }

        if (nodes.Any(n => n.Slot < 0 || n.Slot >= Options.Arena.Slots) || nodes.Select(n => n.Slot).Distinct().Count() != nodes.Count)
        {
            throw new ArgumentException(
                $"Slots are [{string.Join(", ", nodes.Select(n => n.Slot))}]: they differ and lie below {Options.Arena.Slots}.", nameof(nodes));
        }
    }

    // The exchange goes on meanwhile.
    private void OnBucketReduced(int bucket)
    {
        var spans = Frame.Spans(bucket);
        Run(() =>
        {
            Options.BucketReduced!(spans);
            return Task.CompletedTask;
        });
    }

    private void OnReduced(StepState step)
    {
        reducedAt = Stopwatch.GetTimestamp();
        reduced.Set();
    }

    private void OnFailed(Exception error)
    {
        ExchangeLog.Failed(logger, error, Options.Job, Options.Generation);
        failure = error;
        reduced.Set();
    }
}
