using Dipnet.Exchange;

namespace Dipnet.Worker.Planning;

/// <summary>A parameter that a model will have.</summary>
/// <param name="Name">As in the model.</param>
/// <param name="Shape">Extents.</param>
/// <param name="Group">Weights or projections.</param>
/// <param name="Stage">As in <see cref="Training.TrainableParameter"/>.</param>
/// <param name="Trained">False: it stays as it is, and takes no part in exchange and optimizer.</param>
internal sealed record PlannedParameter(string Name, long[] Shape, ParameterGroup Group, int Stage, bool Trained = true)
{
    public long Count => Shape.Aggregate(1L, static (product, extent) => product * extent);
}
