using System.Collections.Concurrent;

namespace Dipnet.Exchange;

/// <summary>
/// The session's one dedicated thread. It takes what peers have made ready, adds, and moves the lanes' bytes; others hand it work through queues
/// and wake it. It never waits without a time-out, so neither a fence nor a dead peer holds it.
/// </summary>
internal sealed unsafe class ExchangeLoop : IDisposable
{
    private static readonly TimeSpan LongSleep = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan SharedPollSleep = TimeSpan.FromMicroseconds(150);

    private readonly SessionFrame frame;
    private readonly Action<StepState> onReduced;
    private readonly Action<Exception> onFailed;
    private readonly ConcurrentQueue<Arrival> arrivals = new();
    private readonly ConcurrentQueue<Action> requests = new();
    private readonly List<Lane> lanes = [];
    private readonly List<OutgoingStream> served = [];
    private readonly WakeUp wake = new();
    private readonly Thread thread;
    private StepState? current;
    private StepState? reported;
    private int published;
    private int publishedSeen;
    private volatile bool stopping;

    public ExchangeLoop(SessionFrame frame, Action<StepState> onReduced, Action<Exception> onFailed)
    {
        this.frame = frame;
        this.onReduced = onReduced;
        this.onFailed = onFailed;
        thread = new Thread(Run) { IsBackground = true, Name = "exchange" };
        thread.Start();
    }

    public void Begin(StepState step)
    {
        Volatile.Write(ref current, step);
        wake.Ring();
    }

    public void Published()
    {
        Interlocked.Increment(ref published);
        wake.Ring();
    }

    public void Post(Arrival arrival)
    {
        arrivals.Enqueue(arrival);
        wake.Ring();
    }

    public void Post(Action request)
    {
        requests.Enqueue(request);
        wake.Ring();
    }

    public void Add(Lane lane) => Post(() => lanes.Add(lane));

    public void Serve(OutgoingStream stream)
    {
        lock (served)
        {
            served.Add(stream);
        }
    }

    public void Unserve(OutgoingStream stream)
    {
        lock (served)
        {
            served.Remove(stream);
        }
    }

    public LaneReceiver.Delivery Deliver => (arrival, payload) => Take(arrival, payload);

    /// <summary>Stops the thread and ends every lane. Nothing touches the gradients through this loop afterwards.</summary>
    public void Stop()
    {
        stopping = true;
        wake.Ring();
        thread.Join();
        lanes.ForEach(lane => lane.End("The session is closed."));
    }

    /// <summary>Frees what the loop holds. After <see cref="Stop"/>, when nobody is left who may hand it work: a ring after this writes to freed memory.</summary>
    public void Dispose()
    {
        while (requests.TryDequeue(out var request))
        {
            request();
        }

        lanes.ForEach(lane => lane.Dispose());
        wake.Dispose();
    }

    private void Run()
    {
        try
        {
            var idle = 0;
            while (!stopping)
            {
                var seen = wake.Value;
                var bells = ReadBells();
                if (Turn())
                {
                    idle = 0;
                }
                else if (++idle < 4)
                {
                    Thread.SpinWait(40);
                }
                else
                {
                    Sleep(seen, bells);
                    idle = 0;
                }
            }
        }
        catch (Exception error)
        {
            onFailed(error);
        }
    }

    private bool Turn()
    {
        var progress = false;
        while (requests.TryDequeue(out var request))
        {
            request();
            progress = true;
        }

        while (arrivals.TryDequeue(out var arrival))
        {
            Take(arrival, null);
            progress = true;
        }

        var step = Volatile.Read(ref current);
        if (step is not null && !step.Complete)
        {
            progress |= step.Advance();
        }

        for (var i = lanes.Count - 1; i >= 0; i--)
        {
            progress |= lanes[i].Pump();
            if (lanes[i].IsEnded)
            {
                lanes[i].Dispose();
                lanes.RemoveAt(i);
            }
        }

        var publications = Volatile.Read(ref published);
        if (publications != publishedSeen)
        {
            publishedSeen = publications;
            progress = true;
        }

        if (progress)
        {
            lock (served)
            {
                served.ForEach(stream => stream.Signal());
            }
        }

        if (step is not null && step.Complete && !ReferenceEquals(step, reported))
        {
            reported = step;
            onReduced(step);
        }

        return progress;
    }

    private void Take(Arrival arrival, byte* payload)
    {
        var step = current!;
        if (arrival.Kind == Protos.Stream.Results)
        {
            step.TakeResult(arrival.Rank, arrival.Bucket, arrival.Chunk);
        }
        else if (arrival.Empty)
        {
            step.TakeEmpty(arrival.Rank, arrival.Bucket);
        }
        else
        {
            step.TakeNode(arrival.Rank, arrival.Node, arrival.Bucket, arrival.Chunk, payload);
        }
    }

    private uint[] bellValues = [];
    private nint[] bellWords = [];

    private ReadOnlySpan<uint> ReadBells()
    {
        var peers = frame.SharedPeers;
        if (bellValues.Length != peers.Length + 1)
        {
            bellValues = new uint[peers.Length + 1];
            bellWords = [wake.Word, .. peers.Select(p => (nint)p.Shared!.BellWord)];
        }

        for (var i = 0; i < bellValues.Length; i++)
        {
            bellValues[i] = Volatile.Read(ref *(uint*)bellWords[i]);
        }

        return bellValues;
    }

    private void Sleep(uint seen, ReadOnlySpan<uint> bells)
    {
        if (wake.Sleep(seen))
        {
            if (lanes.Count == 0)
            {
                Bell.WaitAny(bellWords, bells, LongSleep);
            }
            else
            {
                Poll();
            }
        }

        wake.Awake();
    }

    private void Poll()
    {
        var entries = stackalloc Libc.PollEntry[lanes.Count + 1];
        entries[0] = new Libc.PollEntry { File = wake.EventFile, Events = Libc.PollIn };
        var count = 1UL;
        foreach (var lane in lanes)
        {
            // A lane that can do nothing is left out: its hang-up would wake this thread again and again.
            if (lane.Events != 0)
            {
                entries[count++] = new Libc.PollEntry { File = lane.File, Events = lane.Events };
            }
        }

        // Peers in shared memory cannot ring a poll; while a step waits for them, look often.
        var waitsForShared = frame.SharedPeers.Length > 0 && Volatile.Read(ref current) is { Complete: false };
        var timeout = waitsForShared ? SharedPollSleep : LongSleep;
        var time = new Libc.TimeSpec { Nanoseconds = timeout.Ticks * 100 };
        _ = Libc.Poll(entries, count, &time, null);
    }
}
