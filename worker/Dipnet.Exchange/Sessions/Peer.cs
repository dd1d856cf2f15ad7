using Dipnet.Protos;

namespace Dipnet.Exchange;

/// <summary>Another member of the generation. <see cref="Shared"/> is set once, by the exchange thread, when its memory is mapped.</summary>
internal sealed class Peer(Member member, int mostNodes)
{
    public int Rank { get; } = (int)member.Rank;

    public Member Member { get; } = member;

    public ArenaControl? Shared { get; set; }

    /// <summary>Slots of the peer's nodes of the step, when its memory is mapped.</summary>
    public int[] Slots { get; } = new int[mostNodes];

    /// <summary>shm, grpc or lane once connected.</summary>
    public string? Transport { get; set; }
}
