namespace Dipnet.Modules;

/// <summary>
/// One stream of the counter-based generator: the key words and the three upper words of the counter. The lowest word counts blocks of four
/// values, so a stream has 2^34 values.
/// </summary>
public readonly record struct NoiseStream(uint Key0, uint Key1, uint Counter1, uint Counter2, uint Counter3);
