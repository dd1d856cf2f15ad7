using Dipnet.Protos;

namespace Dipnet.Exchange;

/// <summary>One generation of one job as this worker sees it: a <see cref="Plan"/> and the memory that it works on.</summary>
public sealed record SessionOptions
{
    public required string Job { get; init; }

    /// <summary>Of the plan, 1 or more. Requests of another generation are refused.</summary>
    public required ulong Generation { get; init; }

    /// <summary>The generation's secret; every request carries it.</summary>
    public required ReadOnlyMemory<byte> Token { get; init; }

    public required int Rank { get; init; }

    /// <summary>By rank, this worker among them.</summary>
    public required IReadOnlyList<Member> Members { get; init; }

    public required GradientLayout Layout { get; init; }

    public required GradientArena Arena { get; init; }

    /// <summary>Leaves of a step, a power of two.</summary>
    public required int Microbatches { get; init; }

    public TransportChoice Transport { get; init; } = TransportChoice.Auto;

    public WireFormat Wire { get; init; } = WireFormat.Fp32;

    /// <summary>
    /// Called for each bucket of a step when its whole sum is here, while the rest is still exchanged, with where it lies: what it reads there stays until this worker
    /// publishes a bucket of the next step, and the session does not close before it returns. By threads of the pool, in any order and at once; must not throw. May be null.
    /// </summary>
    public Action<IReadOnlyList<ReducedSpan>>? BucketReduced { get; init; }

    /// <summary>Served to workers that join; null when there is none to serve.</summary>
    public IStateSource? State { get; init; }

    /// <summary>A source of state that sends nothing for this long, e.g. behind a network that swallows packets, counts as lost.</summary>
    public TimeSpan PullPatience { get; init; } = TimeSpan.FromSeconds(4);

    internal int World => Members.Count;

    internal void Validate()
    {
        var errors = new List<string>();
        Rule(Job.Length is > 0 and <= 200, "Job", Job, "has 1 to 200 characters");
        Rule(Generation is > 0 and < 1 << 20, "Generation", Generation, $"is 1 to {(1 << 20) - 1}");
        Rule(Token.Length <= 64, "Token", $"{Token.Length} bytes", "has at most 64 bytes");
        Rule(Members.Count is > 0 and <= 4096, "Members", Members.Count, "are 1 to 4096");
        Rule(Rank >= 0 && Rank < Members.Count, "Rank", Rank, $"is below the number of members, {Members.Count}");
        Rule(System.Numerics.BitOperations.IsPow2(Microbatches), "Microbatches", Microbatches, "is a power of two");
        Rule(Microbatches <= ArenaControl.MostNodes, "Microbatches", Microbatches, $"is at most {ArenaControl.MostNodes}");
        Rule(Arena.Layout.Fingerprint == Layout.Fingerprint, "Arena", $"{Arena.Layout.Fingerprint:x16}", $"has the session's layout, {Layout.Fingerprint:x16}");
        for (var i = 0; i < Members.Count; i++)
        {
            Rule(Members[i].Rank == (uint)i, $"Members[{i}].Rank", Members[i].Rank, "is its place in the list");
        }

        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", errors));
        }

        void Rule(bool holds, string name, object value, string rule)
        {
            if (!holds)
            {
                errors.Add($"{name} is {value}: it {rule}.");
            }
        }
    }
}
