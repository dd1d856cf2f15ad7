using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>Keys and values of the tokens seen so far, per layer, in memory reserved once. Not thread-safe.</summary>
public sealed class KeyValueCache : IDisposable
{
    readonly Tensor[] _keys, _values;

    /// <param name="config">Shape of the model.</param>
    /// <param name="rows">Sequences side by side.</param>
    /// <param name="capacity">Longest sequence, in tokens.</param>
    /// <param name="device">Where the model is.</param>
    public KeyValueCache(DecoderConfig config, long rows, long capacity, Device device)
    {
        (Rows, Capacity) = (rows, capacity);
        Tensor Reserve() => zeros([rows, config.KeyValueHeads, capacity, config.HeadWidth], device: device).DetachFromDisposeScope();
        _keys = [.. Enumerable.Range(0, config.Layers).Select(_ => Reserve())];
        _values = [.. Enumerable.Range(0, config.Layers).Select(_ => Reserve())];
    }

    public long Rows { get; }

    public long Capacity { get; }

    /// <summary>Tokens held.</summary>
    public long Length { get; private set; }

    /// <summary>Appends keys and values of a layer, [rows, heads, new, width], and returns all of them; the caller disposes the views.</summary>
    internal (Tensor Keys, Tensor Values) Append(int layer, Tensor keys, Tensor values)
    {
        var added = keys.shape[2];
        if (Length + added > Capacity)
        {
            throw new InvalidOperationException($"the cache holds {Capacity} tokens, {Length + added} were given");
        }
        using (var keyRoom = _keys[layer].narrow(2, Length, added))
        using (var valueRoom = _values[layer].narrow(2, Length, added))
        {
            keyRoom.copy_(keys);
            valueRoom.copy_(values);
        }
        return (_keys[layer].narrow(2, 0, Length + added), _values[layer].narrow(2, 0, Length + added));
    }

    /// <summary>Called once a pass, after every layer has appended.</summary>
    internal void Advance(long tokens) => Length += tokens;

    /// <summary>Forgets every token from <paramref name="length"/> on.</summary>
    public void Truncate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values))
        {
            tensor.Dispose();
        }
    }
}
