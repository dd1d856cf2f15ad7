using Dipnet.Exchange;
using TorchSharp.Modules;

namespace Dipnet.Worker.Training;

/// <summary>A parameter that takes part in training.</summary>
/// <param name="Name">Unique in the model; the name in checkpoints.</param>
/// <param name="Parameter">Float32.</param>
/// <param name="Group">Whose optimizer options hold.</param>
/// <param name="Stage">The stage of the model that it belongs to; −1: in front of the first. Its gradient is final when backward has passed the input of this
/// stage.</param>
public sealed record TrainableParameter(string Name, Parameter Parameter, ParameterGroup Group, int Stage);
