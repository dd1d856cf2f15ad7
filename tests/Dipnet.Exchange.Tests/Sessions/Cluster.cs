using Dipnet.Protos;

namespace Dipnet.Exchange.Tests;

/// <summary>Real hosts on free ports in one process, and what a training loop would do with them.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    public const string Job = "job-1";
    public static readonly byte[] Token = [1, 2, 3, 4];
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string[] identities;

    private Cluster(GradientLayout layout, int microbatches, string[] identities)
    {
        Layout = layout;
        Microbatches = microbatches;
        this.identities = identities;
    }

    public GradientLayout Layout { get; }

    public int Microbatches { get; }

    public List<ExchangeHost> Hosts { get; } = [];

    public List<GradientArena> Arenas { get; } = [];

    public List<ExchangeSession> Sessions { get; } = [];

    public static GradientLayout SmallLayout { get; } = GradientLayout.Create(
        700_000, 3_000, 1 << 20, [.. Enumerable.Range(0, 14).Select(i => i * 50_000L)]);

    /// <param name="identities">Host identity of each worker: equal ones share memory under auto.</param>
    public static async Task<Cluster> StartAsync(int microbatches, string[] identities, GradientLayout? layout = null)
    {
        var cluster = new Cluster(layout ?? SmallLayout, microbatches, identities);
        foreach (var identity in identities)
        {
            cluster.Hosts.Add(await ExchangeHost.StartAsync(new ExchangeHostOptions { HostIdentity = identity }, default));
            cluster.Arenas.Add(new GradientArena(cluster.Layout, microbatches));
        }

        return cluster;
    }

    public Member[] Members(IReadOnlyList<int> workers) => [.. workers.Select((w, rank) => new Member
    {
        Rank = (uint)rank,
        WorkerId = $"w{w}",
        HostIdentity = identities[w],
        Endpoints = Hosts[w].Endpoints,
    })];

    public SessionOptions Options(IReadOnlyList<int> workers, int rank, ulong generation, TransportChoice transport, WireFormat wire) => new()
    {
        Job = Job,
        Generation = generation,
        Token = Token,
        Rank = rank,
        Members = Members(workers),
        Layout = Layout,
        Arena = Arenas[workers[rank]],
        Microbatches = Microbatches,
        Transport = transport,
        Wire = wire,
    };

    /// <summary>Opens a generation on some of the workers; ranks are their places in the list.</summary>
    public ExchangeSession[] Open(
        IReadOnlyList<int> workers, ulong generation, TransportChoice transport = TransportChoice.Auto, WireFormat wire = WireFormat.Fp32)
    {
        var sessions = workers.Select((w, rank) => Hosts[w].Open(Options(workers, rank, generation, transport, wire))).ToArray();
        Sessions.AddRange(sessions);
        return sessions;
    }

    /// <summary>Leaf gradient of a microbatch: values of very different sizes, so that another order of addition shows in the bits.</summary>
    public static float Leaf(ulong step, int microbatch, long element)
    {
        var mixed = ((ulong)element * 0x9E3779B97F4A7C15) ^ ((ulong)(microbatch + 1) * 0xC2B2AE3D27D4EB4F) ^ ((step + 1) * 0x165667B19E3779F9);
        mixed ^= mixed >> 29;
        mixed *= 0xBF58476D1CE4E5B9;
        mixed ^= mixed >> 32;
        var size = (int)(mixed % 9) - 4;
        return ((int)(mixed >> 40) - (1 << 23)) * MathF.Pow(2, size - 23);
    }

    public static float[] NodeValues(GradientLayout layout, ulong step, TreeNode node)
    {
        if (node.Count == 1)
        {
            var leaf = new float[layout.Elements];
            for (long i = 0; i < leaf.Length; i++)
            {
                leaf[i] = Leaf(step, node.First, i);
            }

            return leaf;
        }

        var left = NodeValues(layout, step, new TreeNode(node.First, node.Count / 2));
        var right = NodeValues(layout, step, new TreeNode(node.First + (node.Count / 2), node.Count / 2));
        for (var i = 0; i < left.Length; i++)
        {
            left[i] += right[i];
        }

        return left;
    }

    public float[] Expected(ulong step) => NodeValues(Layout, step, new TreeNode(0, Microbatches));

    /// <summary>Writes a rank's nodes into slots and begins the step.</summary>
    public unsafe (TreeNode Node, int Slot)[] Begin(ExchangeSession session, ulong step, IReadOnlyList<int> owners)
    {
        var rank = session.Options.Rank;
        var arena = session.Options.Arena;
        var nodes = ReductionTree.Cover(owners, rank).Select((node, i) => (node, i)).ToArray();
        foreach (var (node, slot) in nodes)
        {
            NodeValues(Layout, step, node).CopyTo(new Span<float>(arena.Slot(slot), (int)Layout.Elements));
        }

        session.BeginStep(step, owners, nodes);
        return nodes;
    }

    public void Publish(ExchangeSession session)
    {
        for (var b = 0; b < Layout.Buckets.Count; b++)
        {
            session.PublishBucket(b);
        }
    }

    /// <summary>One whole step of one worker on its own thread: the gradient that it ends with, or null when it was interrupted.</summary>
    public Task<float[]?> StepAsync(ExchangeSession session, ulong step, IReadOnlyList<int> owners, CancellationToken fence = default) =>
        Task.Factory.StartNew(
            () =>
            {
                Begin(session, step, owners);
                Publish(session);
                return Finish(session, fence);
            },
            TaskCreationOptions.LongRunning);

    public unsafe float[]? Finish(ExchangeSession session, CancellationToken fence = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(fence);
        patience.CancelAfter(Patience);
        var outcome = session.Wait(patience.Token);
        if (outcome is StepOutcome.Interrupted)
        {
            return null;
        }

        var gradient = new float[Layout.Elements];
        long at = 0;
        foreach (var span in session.Reduced)
        {
            Assert.Equal(at, span.Offset);
            new Span<float>((void*)span.Pointer, (int)span.Count).CopyTo(gradient.AsSpan((int)at));
            at += span.Count;
        }

        Assert.Equal(Layout.Elements, at);
        return gradient;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var session in Sessions)
        {
            await session.DisposeAsync();
        }

        foreach (var host in Hosts)
        {
            await host.DisposeAsync();
        }

        Arenas.ForEach(a => a.Dispose());
    }
}
