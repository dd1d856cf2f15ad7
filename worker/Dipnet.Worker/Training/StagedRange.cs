using Dipnet.Worker.Devices;

namespace Dipnet.Worker.Training;

/// <summary>Elements of sums on their way from the device.</summary>
/// <param name="Copies">To the host, one of each sum.</param>
/// <param name="Published">Called when all are there.</param>
internal sealed record StagedRange(IReadOnlyList<DeviceCopy> Copies, Action Published);
