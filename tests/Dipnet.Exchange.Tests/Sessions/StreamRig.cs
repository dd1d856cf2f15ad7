using System.IO.Hashing;
using Dipnet.Protos;
using Stream = Dipnet.Protos.Stream;

namespace Dipnet.Exchange.Tests;

/// <summary>One incoming stream of a session of two workers without any connection, the chunks that it must be sent, and a model of the memory that it may write.</summary>
internal sealed unsafe class StreamRig : IDisposable
{
    public const ulong Step = 3;
    private const byte Untouched = 0xA5;

    private static readonly int[] Owners = [0, 0, 1, 1];

    private readonly GradientArena arena;
    private readonly SessionFrame frame;
    private readonly StepState step;
    private readonly byte[] model;

    public StreamRig(Stream kind, WireFormat wire, ulong seed)
    {
        Layout = GradientLayout.Create(400_000, 3_000, 1 << 20, [0, 100_000, 200_000, 300_000]);
        arena = new GradientArena(Layout, 1);
        frame = new SessionFrame(new SessionOptions
        {
            Job = "fuzz",
            Generation = 1,
            Token = new byte[] { 1 },
            Rank = 0,
            Members = [new Member { Rank = 0 }, new Member { Rank = 1 }],
            Layout = Layout,
            Arena = arena,
            Microbatches = Owners.Length,
            Wire = wire,
        });
        step = new StepState(frame, Step, Owners, [(new TreeNode(0, 2), 0)]);
        frame.Prepare(step.Plan);
        foreach (var (start, bytes) in Regions)
        {
            new Span<byte>((void*)start, bytes).Fill(Untouched);
        }

        model = Memory();
        Stream = new IncomingStream(frame, frame.Peers[1]!, kind, Task.FromResult(step), Step);
        Chunks = [.. Due(new StreamPosition(frame, kind, 1, 0, Step, Task.FromResult(step)), seed)];
    }

    public GradientLayout Layout { get; }

    public IncomingStream Stream { get; }

    public ulong Key => frame.Key;

    /// <summary>What an honest peer sends in this step.</summary>
    public (ChunkHeader Header, ulong Checksum, byte[] Payload)[] Chunks { get; }

    /// <summary>Of the gradients, the result and the staging place: every byte that a stream could spoil.</summary>
    public byte[] Memory() => [.. Regions.SelectMany(r => new Span<byte>((byte*)r.Start, r.Bytes).ToArray())];

    /// <summary>Everything outside the places of the first <paramref name="begun"/> chunks is as it was.</summary>
    public void AssertUntouchedAfter(int begun)
    {
        var now = Memory();
        foreach (var (header, _, _) in Chunks.Take(begun))
        {
            foreach (var place in Places(header))
            {
                now.AsSpan(place, header.Elements * sizeof(float)).Fill(Untouched);
            }
        }

        Assert.True(now.AsSpan().SequenceEqual(model), $"memory outside the first {begun} chunks was written");
    }

    public void Dispose()
    {
        Stream.Dispose();
        step.Dispose();
        frame.Dispose();
        arena.Dispose();
    }

    private (nint Start, int Bytes)[] Regions =>
    [
        ((nint)arena.Slot(0), (int)(2 * GradientArena.SlotBytes(Layout))),
        ((nint)frame.Staging(1), (int)(frame.Slices.OwnElements * sizeof(float))),
    ];

    // A chunk of results lies in the result (behind the slot), a node's in the staging place.
    private IEnumerable<int> Places(ChunkHeader header)
    {
        var slot = (int)GradientArena.SlotBytes(Layout);
        if (Stream.Kind == Protos.Stream.Results)
        {
            return [slot + ((int)header.FirstElement * sizeof(float))];
        }

        var own = frame.Slices.OwnStart(header.Bucket) + (long)header.FirstElement - frame.Slices.Slice(header.Bucket, 0).Offset;
        return [(2 * slot) + ((int)own * sizeof(float))];
    }

    private static IEnumerable<(ChunkHeader, ulong, byte[])> Due(StreamPosition position, ulong seed)
    {
        var random = new Random((int)seed);
        while (position.Ready())
        {
            var payload = new byte[position.PayloadBytes];
            random.NextBytes(payload);
            yield return (position.Header, XxHash3.HashToUInt64(payload), payload);
            position.Move();
        }
    }
}
