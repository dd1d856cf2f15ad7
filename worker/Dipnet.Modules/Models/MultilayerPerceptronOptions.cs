namespace Dipnet.Modules;

/// <summary>Shape of a multilayer perceptron.</summary>
public sealed record MultilayerPerceptronOptions
{
    /// <summary>Values of one sample; inputs of any shape are flattened after the first dimension.</summary>
    public int Inputs { get; init; } = 784;

    /// <summary>Width of the hidden layers.</summary>
    public int Dim { get; init; } = 512;

    /// <summary>Hidden layers.</summary>
    public int Depth { get; init; } = 2;

    /// <summary>Number of classes.</summary>
    public int Classes { get; init; } = 10;

    /// <summary>Seed of the initial weights.</summary>
    public ulong Seed { get; init; }

    /// <summary>Projections; null: the same network without them.</summary>
    public ProjectionOptions? Projections { get; init; }
}
