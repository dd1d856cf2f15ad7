namespace Dipnet.Coordinator.Training;

/// <summary>A line of events.jsonl.</summary>
/// <param name="Kind">state | member | checkpoint | fault | drill</param>
internal sealed record RecordedEvent(DateTimeOffset Time, string Kind, string Text);
