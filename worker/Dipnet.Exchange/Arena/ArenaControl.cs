namespace Dipnet.Exchange;

/// <summary>
/// The words in front of an arena's gradients by which workers on one host signal each other, and where the gradients lie.
/// Layout: magic, fingerprint, slots, session key, bell; at 4 KiB the nodes of the step (first, count, slot); at 32 KiB two stamps for
/// each bucket. A stamp is written last, with release order; it names generation and step, so what an earlier generation left
/// behind never looks ready. Invariant: only the owner of the arena writes.
/// </summary>
internal sealed unsafe class ArenaControl(byte* address, GradientLayout layout, int slots)
{
    public const int MostNodes = 2048; // 12 bytes each, below the stamps

    private const ulong Magic = 0x3154_4547_4e50_4944;
    private const int NodesAt = 4096, StampsAt = 32768;

    public uint* BellWord => (uint*)(address + 64);

    public ulong SessionKey
    {
        get => Volatile.Read(ref *(ulong*)(address + 24));
        set => Volatile.Write(ref *(ulong*)(address + 24), value);
    }

    public static long Size(GradientLayout layout) => (StampsAt + (layout.Buckets.Count * 16L) + 4095) & ~4095L;

    /// <summary>Generation and step in one word: 20 bits and 44 bits.</summary>
    public static ulong Stamp(ulong generation, ulong step)
    {
        if (generation is 0 or >= 1UL << 20 || step >= (1UL << 44) - 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(generation), $"Generation {generation}, step {step}: generations are 1 to {(1 << 20) - 1}, steps below {(1UL << 44) - 1}.");
        }

        return (generation << 44) | (step + 1);
    }

    public float* Gradient(int slot) => (float*)(address + Size(layout) + (slot * GradientArena.SlotBytes(layout)));

    public float* Result => Gradient(slots);

    public void Initialise()
    {
        *(ulong*)(address + 8) = layout.Fingerprint;
        *(int*)(address + 16) = slots;
        Volatile.Write(ref *(ulong*)address, Magic);
    }

    /// <summary>Null when a peer's memory is of this layout; else what is wrong with it.</summary>
    public static string? Check(byte* address, GradientLayout layout, out int slots)
    {
        slots = *(int*)(address + 16);
        return *(ulong*)address != Magic ? "its head is not that of a gradient arena"
            : *(ulong*)(address + 8) != layout.Fingerprint ? $"its layout is {*(ulong*)(address + 8):x16}, ours {layout.Fingerprint:x16}"
            : null;
    }

    public void WriteNodes(IReadOnlyList<(TreeNode Node, int Slot)> nodes)
    {
        var table = (int*)(address + NodesAt);
        for (var i = 0; i < nodes.Count; i++)
        {
            table[i * 3] = nodes[i].Node.First;
            table[(i * 3) + 1] = nodes[i].Node.Count;
            table[(i * 3) + 2] = nodes[i].Slot;
        }
    }

    /// <summary>The slot of node i of the step, or -1 when the table does not hold that node there.</summary>
    public int NodeSlot(int i, TreeNode expected)
    {
        var table = (int*)(address + NodesAt) + (i * 3);
        var slot = table[2];
        return table[0] == expected.First && table[1] == expected.Count && slot >= 0 && slot < slots ? slot : -1;
    }

    public bool NodesReady(int bucket, ulong stamp) => Volatile.Read(ref *StampWord(bucket)) == stamp;

    public bool ResultReady(int bucket, ulong stamp) => Volatile.Read(ref *(StampWord(bucket) + 1)) == stamp;

    public void SetNodesReady(int bucket, ulong stamp) => Volatile.Write(ref *StampWord(bucket), stamp);

    public void SetResultReady(int bucket, ulong stamp) => Volatile.Write(ref *(StampWord(bucket) + 1), stamp);

    private ulong* StampWord(int bucket) => (ulong*)(address + StampsAt) + (bucket * 2);
}
