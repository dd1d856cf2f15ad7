namespace Dipnet.Exchange;

/// <summary>Format of the weights' gradients between workers. Projections are always fp32.</summary>
public enum WireFormat
{
    /// <summary>Exact: the same bits for every number of workers.</summary>
    Fp32,

    /// <summary>
    /// Half the bytes. Peers' nodes are rounded to bf16 before they are added, and so is the result, to nearest even, for everybody: all
    /// workers hold equal bits, on every transport, but other assignments of microbatches give other bits.
    /// </summary>
    Bf16,
}
