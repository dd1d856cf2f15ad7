namespace Dipnet.Coordinator.Training;

/// <summary>Standard deviations of one projection.</summary>
internal sealed record RecordedSigma(string Layer, double Mean, double Min, double Max);
