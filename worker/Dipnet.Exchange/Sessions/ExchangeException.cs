namespace Dipnet.Exchange;

/// <summary>The exchange cannot go on in this process: a configuration that peers contradict, or a defect. Deaths of peers are not exceptions.</summary>
public sealed class ExchangeException(string message, Exception? inner = null) : Exception(message, inner);
