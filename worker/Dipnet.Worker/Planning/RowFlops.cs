namespace Dipnet.Worker.Planning;

/// <summary>Floating-point operations of one row in matrix products, forward; an addition and a multiplication are two. The rest is small beside them.</summary>
/// <param name="Blocks">Linear layers of all blocks.</param>
/// <param name="Attention">Products of queries, keys and values, of all blocks.</param>
/// <param name="Ends">Embedding (vit) and head.</param>
/// <param name="Adapters">Low-rank adapters.</param>
/// <param name="FrozenWeights">Backward needs no gradient of the linear layers' weights.</param>
internal sealed record RowFlops(double Blocks, double Attention, double Ends, double Adapters, bool FrozenWeights)
{
    public double Forward => Blocks + Attention + Ends + Adapters;

    /// <summary>Forward, backward (gradients of inputs and of trained weights), and the blocks' forward again under checkpointing.</summary>
    public double Step(bool checkpointing)
    {
        var backward = (FrozenWeights ? 1 : 2) * (Blocks + Ends) + 2 * (Attention + Adapters);
        return Forward + backward + (checkpointing ? Blocks + Attention + Adapters : 0);
    }
}
