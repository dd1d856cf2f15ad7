namespace Dipnet.Worker.Planning;

/// <summary>A model as a plan sees it: its parameters, and what one microbatch of it costs. A row is one token of one trajectory (vit: one patch; mlp: one image).</summary>
internal sealed record PlannedModel
{
    /// <summary>One line for readers: kind and shape.</summary>
    public required string Description { get; init; }

    /// <summary>What a worker will need and this machine does not have.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>In the order of the flat buffers: weights by block, then projections by block.</summary>
    public required IReadOnlyList<PlannedParameter> Parameters { get; init; }

    /// <summary>Rows of one sample and one trajectory.</summary>
    public required long RowsPerSample { get; init; }

    /// <summary>What autograd keeps of a row.</summary>
    public required RowMemory Memory { get; init; }

    public required RowFlops Flops { get; init; }

    /// <summary>Elements of the matrices of which a bf16 copy is alive at once under autocast.</summary>
    public long MatrixElements { get; init; }
}
