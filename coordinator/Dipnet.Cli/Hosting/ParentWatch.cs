namespace Dipnet.Cli.Hosting;

/// <summary>Cancels when the process that started this one is gone, so that a killed command leaves no coordinator behind.</summary>
internal static class ParentWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    public static async Task GoneAsync(int parent, TimeProvider time, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (ProcessControl.Parent() == parent)
        {
            await timer.WaitForNextTickAsync(cancellation);
        }
    }
}
