namespace Dipnet.Coordinator.Jobs;

/// <summary>
/// What a data set's name alone says about it; the figures of the classification sets as they are published. Sides are in pixels.
/// A language set is one of token sequences, which only the worker can count.
/// </summary>
internal sealed record DataSetFacts(string Name, bool Language, uint ImageSide, uint Channels, uint TrainingSamples, uint DefaultPatch);
