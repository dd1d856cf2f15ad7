using System.Net;
using System.Net.Sockets;
using Dipnet.Coordinator.Catalog;
using Dipnet.Coordinator.Control;
using Dipnet.Coordinator.Dashboard;
using Dipnet.Coordinator.Grains;
using Dipnet.Coordinator.Metrics;
using Dipnet.Coordinator.Rest;
using Dipnet.Coordinator.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Orleans.Configuration;
using Orleans.Storage;

namespace Dipnet.Coordinator.Hosting;

/// <summary>
/// A coordinator: one silo, the control service, REST, dashboard. Several can run on one machine. Dispose it to stop it; jobs under way
/// go on when it is started again, unless it is embedded. Thread-safe.
/// </summary>
public sealed class CoordinatorHost : IAsyncDisposable
{
    private const int PortAttempts = 5;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly WebApplication _app;
    private readonly StateFile _stateFile;
    private readonly CoordinatorOptions _options;

    private CoordinatorHost(WebApplication app, StateFile stateFile, CoordinatorOptions options, Uri control, Uri dashboard)
    {
        _app = app;
        _stateFile = stateFile;
        _options = options;
        ControlAddress = control;
        DashboardAddress = dashboard;
    }

    /// <summary>gRPC (HTTP/2 without TLS) for workers and clients.</summary>
    public Uri ControlAddress { get; }

    /// <summary>HTTP/1.1: dashboard, <c>/api</c>, <c>/healthz</c>, <c>/metrics</c>.</summary>
    public Uri DashboardAddress { get; }

    /// <summary>The jobs, in this process.</summary>
    public Catalog.IJobCatalog Jobs => _app.Services.GetRequiredService<Catalog.IJobCatalog>();

    internal IGrainFactory Grains => _app.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts a coordinator; jobs of its state file that have not ended go on.</summary>
    /// <exception cref="StateFileException">The state file can't be used, e.g. because another coordinator does.</exception>
    /// <exception cref="IOException">A port is taken, or the run directory can't be made.</exception>
    public static async Task<CoordinatorHost> StartAsync(CoordinatorOptions options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(options.RunDirectory);
        var stateFile = StateFile.Open(options.StateFile
            ?? (options.Embedded ? CoordinatorOptions.InMemory : Path.Combine(options.RunDirectory, "coordinator.db")));
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var app = Build(options, stateFile);
                try
                {
                    await app.StartAsync(cancellationToken);
                    return await WakeAsync(app, stateFile, options);
                }
                catch (Exception e) when (attempt < PortAttempts && Causes(e).Any(c => c is SocketException or Microsoft.AspNetCore.Connections.AddressInUseException) && options is { ControlPort: 0, DashboardPort: 0 })
                {
                    await app.DisposeAsync();
                }
                catch
                {
                    await app.DisposeAsync();
                    throw;
                }
            }
        }
        catch
        {
            await stateFile.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(StopTimeout);
        if (_options.Embedded)
        {
            foreach (var jobId in await Grains.GetGrain<IJobIndexGrain>(0).Active())
            {
                await Grains.GetGrain<IJobGrain>(jobId).Cancel("the command was ended");
            }
        }

        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
        await _stateFile.DisposeAsync();
    }

    private static WebApplication Build(CoordinatorOptions options, StateFile stateFile)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        options.Logging?.Invoke(builder.Logging);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.Address, options.ControlPort, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(options.Address, options.DashboardPort, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Limits.MaxConcurrentConnections = null;
        });
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(new CoordinatorClock(options.Time));
        builder.Services.AddSingleton<JobGauges>();
        builder.Services.AddSingleton<Catalog.IJobCatalog, JobCatalog>();
        if (options.Dashboard)
        {
            builder.Services.AddDashboard();
        }

        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = 64 << 20);
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(JobGauges.MeterName).AddPrometheusExporter());
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.Services.AddKeyedSingleton<IGrainStorage>(StateFileGrainStorage.Name, (_, _) => new StateFileGrainStorage(stateFile));
        builder.Host.UseOrleans(silo =>
        {
            var (siloPort, gatewayPort) = FreePorts.Two();
            silo.UseLocalhostClustering(siloPort, gatewayPort, serviceId: "dipnet", clusterId: $"dipnet-{Guid.NewGuid():N}");
            silo.Configure<ClusterMembershipOptions>(membership => membership.LivenessEnabled = false);
        });

        var app = builder.Build();
        app.MapGrpcService<ControlService>();
        app.MapGrpcService<JobsService>();
        app.MapRestApi();
        app.MapPrometheusScrapingEndpoint();
        if (options.Dashboard)
        {
            app.MapDashboard();
        }

        return app;
    }

    private static async Task<CoordinatorHost> WakeAsync(WebApplication app, StateFile stateFile, CoordinatorOptions options)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(a => new Uri(a)).ToList();
        var host = options.Host ?? (options.Address.Equals(IPAddress.Any) || options.Address.Equals(IPAddress.IPv6Any)
            ? Dns.GetHostName() : options.Address.ToString());
        Uri Public(Uri listening) => new UriBuilder("http", host, listening.Port).Uri;
        var coordinator = new CoordinatorHost(app, stateFile, options, Public(addresses[0]), Public(addresses[1]));
        foreach (var jobId in await coordinator.Grains.GetGrain<IJobIndexGrain>(0).Active())
        {
            await coordinator.Grains.GetGrain<IJobGrain>(jobId).Wake();
        }

        return coordinator;
    }

    private static IEnumerable<Exception> Causes(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }
}
