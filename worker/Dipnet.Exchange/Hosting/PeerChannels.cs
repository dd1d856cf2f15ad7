using System.Net;
using System.Net.Sockets;
using Dipnet.Protos;
using Grpc.Net.Client;

namespace Dipnet.Exchange;

/// <summary>The one place where connections to peers are made.</summary>
internal sealed class PeerChannels(string hostIdentity) : IDisposable
{
    private const int StreamWindowBytes = 16 << 20;
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);

    private readonly List<GrpcChannel> open = [];

    public bool SharesHost(Member member) => member.HostIdentity == hostIdentity;

    /// <summary>A channel with a connection of its own.</summary>
    public GrpcChannel Create(Member member)
    {
        var handler = new SocketsHttpHandler
        {
            InitialHttp2StreamWindowSize = StreamWindowBytes,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = !SharesHost(member),
        };
        var unix = SharesHost(member) && member.Endpoints.UnixSocket.Length > 0;
        handler.ConnectCallback = async (context, cancellation) => unix
            ? await ConnectUnixAsync(member.Endpoints.UnixSocket, cancellation).ConfigureAwait(false)
            : await ConnectTcpAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false);

        var channel = GrpcChannel.ForAddress(member.Endpoints.Grpc, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = 4 << 20,
        });
        lock (open)
        {
            open.Add(channel);
        }

        return channel;
    }

    public async Task<Socket> ConnectLaneAsync(Member member, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(ConnectTimeout);
        if (SharesHost(member) && member.Endpoints.UnixSocket.Length > 0)
        {
            return await LaneSockets.ConnectAsync(LaneSockets.Abstract(member.Endpoints.UnixSocket.TrimStart('@') + LaneSuffix), patience.Token).ConfigureAwait(false);
        }

        var separator = member.Endpoints.Lane.LastIndexOf(':');
        if (separator < 0 || !int.TryParse(member.Endpoints.Lane.AsSpan(separator + 1), out var port))
        {
            throw new IOException($"Rank {member.Rank} has no lane: its address is \"{member.Endpoints.Lane}\", host:port is needed.");
        }

        var host = member.Endpoints.Lane[..separator].Trim('[', ']');
        SocketException? failure = null;
        foreach (var address in await Dns.GetHostAddressesAsync(host, patience.Token).ConfigureAwait(false))
        {
            try
            {
                return await LaneSockets.ConnectAsync(new IPEndPoint(address, port), patience.Token).ConfigureAwait(false);
            }
            catch (SocketException error)
            {
                failure = error;
            }
        }

        throw failure ?? (Exception)new IOException($"Rank {member.Rank} has no address: \"{host}\" is not known.");
    }

    /// <summary>Added to the Unix socket's name for lanes.</summary>
    public const string LaneSuffix = "-lane";

    public void Dispose()
    {
        lock (open)
        {
            open.ForEach(c => c.Dispose());
        }
    }

    private static async Task<System.IO.Stream> ConnectTcpAsync(DnsEndPoint peer, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await ConnectAsync(socket, peer, cancellation).ConfigureAwait(false);
        LaneSockets.Unpace(socket, socket.RemoteEndPoint);
        return new BurstStream(new NetworkStream(socket, ownsSocket: true));
    }

    private static async Task<System.IO.Stream> ConnectUnixAsync(string name, CancellationToken cancellation)
    {
        var endPoint = LaneSockets.Abstract(name.TrimStart('@'));
        var socket = LaneSockets.Create(endPoint);
        await ConnectAsync(socket, endPoint, cancellation).ConfigureAwait(false);
        return new BurstStream(new NetworkStream(socket, ownsSocket: true));
    }

    private static async Task ConnectAsync(Socket socket, EndPoint endPoint, CancellationToken cancellation)
    {
        try
        {
            await socket.ConnectAsync(endPoint, cancellation).ConfigureAwait(false);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
