using System.Net;
using Dipnet.Protos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Grpc.AspNetCore.Server.Model;

namespace Dipnet.Exchange;

/// <summary>
/// A worker process's end of the exchange: listens for peers over gRPC (TCP and, on Linux, an abstract Unix socket) and for lanes, and holds the
/// one open session. Thread-safe.
/// </summary>
public sealed class ExchangeHost : IAsyncDisposable
{
    private const int StreamWindowBytes = 8 << 20, ConnectionWindowBytes = 16 << 20, ResponseBufferBytes = 2 << 20, SocketBufferBytes = 1 << 20;

    private readonly ExchangeHostOptions options;
    private readonly SessionGate gate;
    private readonly ILogger logger;
    private readonly Lock opening = new();
    private WebApplication? server;
    private LaneListener? tcpLanes;
    private LaneListener? unixLanes;

    private ExchangeHost(ExchangeHostOptions options)
    {
        this.options = options;
        gate = new SessionGate(options.Time);
        logger = options.LoggerFactory.CreateLogger<ExchangeHost>();
    }

    /// <summary>What peers need to reach this worker: goes into Hello. Shared memory is agreed on when a session opens.</summary>
    public Endpoints Endpoints { get; } = new();

    /// <summary>Goes into Hello: who shares a host with this worker.</summary>
    public string HostIdentity => options.HostIdentity;

    /// <exception cref="IOException">A port cannot be had; the message names it.</exception>
    public static async Task<ExchangeHost> StartAsync(ExchangeHostOptions options, CancellationToken cancellation)
    {
        var host = new ExchangeHost(options);
        try
        {
            await host.ListenAsync(cancellation).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await host.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens a generation; the session before it is closed first. Connections are made in the background.</summary>
    /// <exception cref="ArgumentException">The options break a rule; the message lists every one.</exception>
    public ExchangeSession Open(SessionOptions session)
    {
        session.Validate();
        if (session.Transport == TransportChoice.Shm
            && session.Members.FirstOrDefault(m => m.Rank != (uint)session.Rank && m.HostIdentity != options.HostIdentity) is { } far)
        {
            throw new ArgumentException(
                $"Transport is shm, but rank {far.Rank} lives on {far.HostIdentity} and this worker on {options.HostIdentity}: shm needs one host.");
        }

        lock (opening)
        {
            gate.Current?.Close();
            var opened = new ExchangeSession(session, logger);
            gate.Open(opened);
            var channels = new PeerChannels(options.HostIdentity);
            opened.Own(channels);
            foreach (var peer in opened.Frame.Peers.OfType<Peer>())
            {
                opened.Run(new PeerLink(opened, peer, channels, logger, options.Time).RunAsync);
            }

            return opened;
        }
    }

    /// <summary>
    /// Fills the state of this worker from peers: stripes from all of them at once, each chunk verified. A source that is lost or refuses is left
    /// out and its stripes come from the others.
    /// </summary>
    /// <param name="session">The generation's plan; only job, generation, token, rank and members are used.</param>
    /// <param name="sources">Ranks that hold the state.</param>
    /// <param name="progress">Bytes received so far.</param>
    /// <exception cref="ExchangeException">No source is left; the message has each one's reason.</exception>
    public Task PullStateAsync(
        SessionOptions session,
        IReadOnlyList<int> sources,
        ulong committedSteps,
        IStateTarget target,
        IProgress<long>? progress,
        CancellationToken cancellation) =>
        new StatePull(session, committedSteps, target, progress, options.HostIdentity, logger).RunAsync(sources, cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var session = gate.Current;
        gate.Open(null);
        session?.Close();
        if (tcpLanes is not null)
        {
            await tcpLanes.DisposeAsync().ConfigureAwait(false);
        }

        if (unixLanes is not null)
        {
            await unixLanes.DisposeAsync().ConfigureAwait(false);
        }

        if (server is not null)
        {
            using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await server.StopAsync(hurry.Token).ConfigureAwait(false);
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task ListenAsync(CancellationToken cancellation)
    {
        var name = options.UnixSockets && OperatingSystem.IsLinux() ? $"dipnet-{Guid.NewGuid():N}" : null;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(options.LoggerFactory);
        builder.Services.AddSingleton(new ExchangeService(gate, logger));
        builder.Services.AddSingleton<IServiceMethodProvider<ExchangeService>, ExchangeMethodProvider>();
        builder.Services.AddSingleton<IMemoryPoolFactory<byte>, LargeBlocks>();
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = 64 * 1024);
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.MaxWriteBufferSize = SocketBufferBytes;
            sockets.UnsafePreferInlineScheduling = true;
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindowBytes;
            kestrel.Limits.Http2.InitialConnectionWindowSize = ConnectionWindowBytes;
            kestrel.Limits.MaxResponseBufferSize = ResponseBufferBytes;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(options.Address, options.Port, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.Use(next => connection =>
                {
                    if (connection.Features.Get<IConnectionSocketFeature>() is { } accepted)
                    {
                        LaneSockets.Unpace(accepted.Socket, connection.RemoteEndPoint);
                    }

                    return next(connection);
                });
            });
            if (name is not null)
            {
                kestrel.Listen(LaneSockets.Abstract(name), listen => listen.Protocols = HttpProtocols.Http2);
            }
        });
        server = builder.Build();
        server.MapGrpcService<ExchangeService>();
        await server.StartAsync(cancellation).ConfigureAwait(false);

        var port = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(a => Uri.TryCreate(a, UriKind.Absolute, out var uri) && uri.Port > 0 ? uri.Port : 0).First(p => p > 0);
        tcpLanes = new LaneListener(new IPEndPoint(options.Address, options.LanePort), gate, options.Time, logger, options.LaneBytesPerSecond);
        if (name is not null)
        {
            unixLanes = new LaneListener(LaneSockets.Abstract(name + PeerChannels.LaneSuffix), gate, options.Time, logger);
            Endpoints.UnixSocket = "@" + name;
        }

        var host = options.AdvertisedHost ?? Advertised(options.Address);
        Endpoints.Grpc = $"http://{host}:{port}";
        Endpoints.Lane = $"{host}:{((IPEndPoint)tcpLanes.EndPoint).Port}";
    }

    private static string Advertised(IPAddress address) =>
        address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) ? Dns.GetHostName()
        : address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]"
        : address.ToString();
}
