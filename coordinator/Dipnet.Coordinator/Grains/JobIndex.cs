namespace Dipnet.Coordinator.Grains;

/// <summary>Ids of jobs, oldest first.</summary>
internal sealed class JobIndex
{
    public List<string> All { get; set; } = [];
    public List<string> Active { get; set; } = [];
}
