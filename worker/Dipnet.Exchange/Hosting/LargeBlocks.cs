using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Dipnet.Exchange;

/// <summary>
/// Memory for the server's connections in blocks of 64 KiB instead of 4 KiB: a chunk of a gradient is then four pieces on its way to the socket,
/// not sixty-four. Thread-safe.
/// </summary>
internal sealed class LargeBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockBytes = 64 * 1024;
    private const int MostKept = 256;

    private readonly ConcurrentQueue<Block> kept = new();

    public override int MaxBufferSize => BlockBytes;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        return kept.TryDequeue(out var block) ? block : new Block(this);
    }

    /// <summary>Servers dispose the pool with themselves; blocks that are still out come back to nobody.</summary>
    protected override void Dispose(bool disposing) => kept.Clear();

    private void Return(Block block)
    {
        if (kept.Count < MostKept)
        {
            kept.Enqueue(block);
        }
    }

    private sealed class Block(LargeBlocks pool) : IMemoryOwner<byte>
    {
        // Pinned: sockets read and write it without pinning it each time.
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public void Dispose() => pool.Return(this);
    }
}
