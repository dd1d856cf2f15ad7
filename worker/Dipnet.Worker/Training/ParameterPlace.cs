using Dipnet.Exchange;

namespace Dipnet.Worker.Training;

/// <summary>Where a parameter lies in the flat buffers.</summary>
/// <param name="Name">Of the parameter.</param>
/// <param name="Shape">Its extents.</param>
/// <param name="Group">Its group.</param>
/// <param name="Stage">See <see cref="TrainableParameter"/>.</param>
/// <param name="Offset">First element.</param>
/// <param name="Count">Elements, padding left out.</param>
internal sealed record ParameterPlace(string Name, long[] Shape, ParameterGroup Group, int Stage, long Offset, long Count);
