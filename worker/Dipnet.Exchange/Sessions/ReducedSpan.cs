namespace Dipnet.Exchange;

/// <summary>A run of the reduced gradient: Count fp32 elements at Pointer, the first at Offset in the flat gradient.</summary>
public readonly record struct ReducedSpan(nint Pointer, long Offset, long Count);
