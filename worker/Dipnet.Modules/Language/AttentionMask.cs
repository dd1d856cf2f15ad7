using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>Masks of attention, true where a token may look. Null is returned where the kernel's own causal rule says the same.</summary>
internal static class AttentionMask
{
    /// <param name="queries">New tokens.</param>
    /// <param name="past">Tokens before them in the cache.</param>
    /// <param name="window">Tokens that a token sees, itself included; null: all.</param>
    /// <param name="documents">Number of the document of each token, int64 [b, queries]; null: one document.</param>
    /// <param name="device">Where the model is.</param>
    public static Tensor? Build(long queries, long past, int? window, Tensor? documents, Device device)
    {
        var cut = window < past + queries;
        if (documents is null && !cut && (past == 0 || queries == 1))
        {
            return null;
        }
        if (documents is not null && past > 0)
        {
            throw new ArgumentException("document masks and a cache exclude each other", nameof(documents));
        }
        using var scope = NewDisposeScope();
        var rows = arange(past, past + queries, device: device).unsqueeze(1);
        var columns = arange(past + queries, device: device).unsqueeze(0);
        var mask = columns.le(rows);
        if (cut)
        {
            mask = mask.logical_and(columns.gt(rows - window!.Value));
        }
        mask = mask.unsqueeze(0).unsqueeze(0);
        if (documents is not null)
        {
            mask = mask.logical_and(documents.unsqueeze(1).eq(documents.unsqueeze(2)).unsqueeze(1));
        }
        return mask.MoveToOuterDisposeScope();
    }
}
