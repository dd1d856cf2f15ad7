namespace Dipnet.Worker.Planning;

/// <summary>Bytes of one row of a microbatch that are alive at once. Sums over what the operators keep for backward, read off the models' forward passes.</summary>
/// <param name="Blocks">Blocks that can be checkpointed; 0: the model has none.</param>
/// <param name="Kept">Kept by one block for its backward.</param>
/// <param name="Input">The input of one block, all that is kept of it under activation checkpointing.</param>
/// <param name="Working">Gradients and intermediate results of one block while its backward runs.</param>
/// <param name="Stem">Kept in front of the blocks.</param>
/// <param name="Head">Kept and needed behind the blocks, the loss included.</param>
internal sealed record RowMemory(int Blocks, long Kept, long Input, long Working, long Stem, long Head)
{
    /// <summary>The largest sum alive at once.</summary>
    public long Peak(bool checkpointing) => checkpointing && Blocks > 0
        ? Stem + Blocks * Input + Math.Max(Head, Kept + Working)
        : Stem + Blocks * Kept + Math.Max(Head, Working);
}
