using Stream = Dipnet.Protos.Stream;

namespace Dipnet.Exchange;

/// <summary>A verified chunk that another thread has put in its place. Step by step: a stream never runs ahead of the step under way.</summary>
internal readonly record struct Arrival(Stream Kind, int Rank, int Bucket, int Chunk, int Node, bool Empty);
