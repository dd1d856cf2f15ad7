namespace Dipnet.Coordinator.Hosting;

/// <summary>The clock of the coordinator's decisions, apart from the one that Orleans keeps its own time with.</summary>
internal sealed class CoordinatorClock(TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();
}
