using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>A model that is a chain of blocks, so that what surrounds a block (overlap with backward, checkpointing) needs no knowledge of the model.</summary>
public interface IBlockModel
{
    /// <summary>The blocks in forward order, the head last; names as in the model's parameter names, without the dot ("blocks.0").</summary>
    IReadOnlyList<(string Name, nn.Module Block)> Blocks { get; }

    /// <summary>
    /// Called as x = Tap(i, x) with the input of block i, before its projection. A <see cref="BackwardTap"/> put here fires in backward when the gradients of
    /// all parameters of blocks ≥ i are complete. Parameters before block 0 (an embedding) are complete when backward returns.
    /// </summary>
    Func<int, Tensor, Tensor>? Tap { get; set; }
}
