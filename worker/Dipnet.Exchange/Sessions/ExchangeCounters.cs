namespace Dipnet.Exchange;

/// <summary>What the last reduced step took.</summary>
/// <param name="WeightsBytes">Bytes of the weights group that came from peers, copied or read in place.</param>
/// <param name="ProjectionsBytes">The same of the projections group.</param>
/// <param name="HiddenSeconds">From the first published bucket until the training thread waited (or all was there): exchange under compute.</param>
/// <param name="ExposedSeconds">Time in <see cref="ExchangeSession.Wait"/>.</param>
public readonly record struct ExchangeCounters(ulong WeightsBytes, ulong ProjectionsBytes, double HiddenSeconds, double ExposedSeconds);
