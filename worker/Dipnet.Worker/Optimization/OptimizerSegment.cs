using Dipnet.Exchange;

namespace Dipnet.Worker.Optimization;

/// <summary>A run of flat elements with one rule of update.</summary>
/// <param name="Offset">First element.</param>
/// <param name="Count">Elements.</param>
/// <param name="Group">Whose options hold.</param>
/// <param name="Decays">Weight decay applies.</param>
internal readonly record struct OptimizerSegment(long Offset, long Count, ParameterGroup Group, bool Decays);
