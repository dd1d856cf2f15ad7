namespace Dipnet.Worker.Hosting;

/// <summary>
/// Ends this process when the process that started it is gone, so that no worker outlives a killed command. The kernel's signal is tied to the parent's
/// thread, which may end earlier than the parent, so the parent's id is polled instead.
/// </summary>
internal static class ParentWatch
{
    public static void Start(int parent)
    {
        if (parent == 0)
        {
            return;
        }

        var thread = new Thread(() =>
        {
            using var never = new ManualResetEventSlim();
            while (NativeProcess.ParentId() == parent)
            {
                never.Wait(TimeSpan.FromMilliseconds(200));
            }

            NativeProcess.SignalSelf(NativeProcess.Kill);
        })
        { IsBackground = true, Name = "parent watch" };
        thread.Start();
    }
}
