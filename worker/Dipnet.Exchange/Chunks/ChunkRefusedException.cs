namespace Dipnet.Exchange;

/// <summary>A chunk that is not the one that is due, or not whole. Nothing of it is added; the stream ends and is opened again.</summary>
internal sealed class ChunkRefusedException(string message) : IOException(message);
