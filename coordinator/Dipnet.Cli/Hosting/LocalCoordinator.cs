using Dipnet.Coordinator.Hosting;

namespace Dipnet.Cli.Hosting;

/// <summary>The coordinator inside this process; what it runs ends with it.</summary>
internal sealed class LocalCoordinator : IAsyncDisposable
{
    private readonly CoordinatorHost _host;

    private LocalCoordinator(CoordinatorHost host) => _host = host;

    /// <summary>Where workers and clients reach it.</summary>
    public Uri Control => _host.ControlAddress;

    /// <summary>Where a browser does.</summary>
    public Uri Dashboard => _host.DashboardAddress;

    public static async Task<LocalCoordinator> StartAsync(string runDirectory, bool dashboard, CancellationToken cancellation)
    {
        try
        {
            var host = await CoordinatorHost.StartAsync(
                new CoordinatorOptions { RunDirectory = runDirectory, Embedded = true, Dashboard = dashboard }, cancellation);
            return new LocalCoordinator(host);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"the coordinator cannot start: {exception.Message}");
        }
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
