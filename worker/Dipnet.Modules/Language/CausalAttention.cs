using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>The attention product itself: shapes, grouped heads, cache, kernel. The linear layers around it belong to the families.</summary>
internal static class CausalAttention
{
    /// <summary>
    /// q [b, t, heads, width], k and v [b, t, keyHeads, width] → [b, t, heads·width].
    /// </summary>
    public static Tensor Attend(Tensor q, Tensor k, Tensor v, BlockContext context, int layer, bool windowed)
    {
        var (rows, length, heads, width) = (q.shape[0], q.shape[1], q.shape[2], q.shape[3]);
        using var scope = NewDisposeScope();
        var query = q.transpose(1, 2);
        var key = k.transpose(1, 2);
        var value = v.transpose(1, 2);
        if (context.Cache is { } cache)
        {
            (key, value) = cache.Append(layer, key, value);
        }
        var group = heads / key.shape[1];
        var mask = windowed ? context.WindowMask ?? context.Mask : context.Mask;
        if (length == 1)
        {
            // One new token sees all that the mask shows: the heads of a group are several queries of the keys they share, and nothing is copied.
            var grouped = nn.functional.scaled_dot_product_attention(query.reshape(rows, key.shape[1], group, width), key, value, mask, 0.0, false);
            return grouped.reshape(rows, 1, heads * width).MoveToOuterDisposeScope();
        }
        if (group > 1)
        {
            key = Repeat(key, group);
            value = Repeat(value, group);
        }
        var mixed = nn.functional.scaled_dot_product_attention(query, key, value, mask, 0.0, mask is null);
        return mixed.transpose(1, 2).reshape(rows, length, heads * width).MoveToOuterDisposeScope();
    }

    // [b, keyHeads, t, width] → [b, keyHeads·group, t, width], each head group times in a row.
    static Tensor Repeat(Tensor x, long group)
    {
        var (rows, heads, length, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        return x.unsqueeze(2).expand(rows, heads, group, length, width).reshape(rows, heads * group, length, width);
    }
}
