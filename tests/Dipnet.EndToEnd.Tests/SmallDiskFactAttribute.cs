namespace Dipnet.EndToEnd.Tests;

/// <summary>A test that mounts a disk of its own: root's alone. Continuous integration runs it whatever the user.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        if (!SmallDisk.IsAllowed && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = "only root may mount the small disk that this test fills";
        }
    }
}
