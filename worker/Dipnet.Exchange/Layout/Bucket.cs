namespace Dipnet.Exchange;

/// <summary>A contiguous range of the flat gradient: the unit of overlap. Offset and count are in elements.</summary>
public readonly record struct Bucket(int Index, ParameterGroup Group, long Offset, long Count);
