using Dipnet.Worker.Devices;

namespace Dipnet.Worker.Training;

/// <summary>Gradients on their way from the device.</summary>
/// <param name="Copy">To the host.</param>
/// <param name="Slot">Of the arena, where they go.</param>
/// <param name="Onto">They are added to what the slot holds.</param>
/// <param name="From">First element.</param>
/// <param name="To">Behind the last.</param>
/// <param name="Arrived">Called when they are there.</param>
internal sealed record StagedBucket(DeviceCopy Copy, int Slot, bool Onto, long From, long To, Action Arrived);
