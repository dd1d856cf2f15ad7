using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Dipnet.Worker.Checkpoints;

/// <summary>
/// SHA-256 of memory that is filled block by block, computed behind whoever fills it: one hash is about as fast as a disk, so one after the other would take
/// twice as long. A block must stay as it is until <see cref="Finish"/> or <see cref="Dispose"/> has returned.
/// </summary>
internal sealed unsafe class HashBehind : IDisposable
{
    private readonly BlockingCollection<(nint Block, int Bytes)> _filled = [];
    private readonly Task<string> _hash;

    /// <param name="head">What is hashed first.</param>
    public HashBehind(ReadOnlyMemory<byte> head) => _hash = Task.Factory.StartNew(() => Run(head.Span), TaskCreationOptions.LongRunning);

    public void Add(nint block, int bytes) => _filled.Add((block, bytes));

    /// <summary>Lower-case hexadecimal digits of the hash of all that was added.</summary>
    public string Finish()
    {
        _filled.CompleteAdding();
        return _hash.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        Finish();
        _filled.Dispose();
    }

    private string Run(ReadOnlySpan<byte> head)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        foreach (var (block, bytes) in _filled.GetConsumingEnumerable())
        {
            hash.AppendData(new ReadOnlySpan<byte>((void*)block, bytes));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
