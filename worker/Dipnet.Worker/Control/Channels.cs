using Grpc.Net.Client;

namespace Dipnet.Worker.Control;

/// <summary>The one place where channels to the coordinator are made.</summary>
internal static class Channels
{
    public static GrpcChannel ToCoordinator(Uri address) => GrpcChannel.ForAddress(address, new GrpcChannelOptions
    {
        MaxReceiveMessageSize = 64 << 20,
        // Left alone a channel waits up to two minutes between tries, and a coordinator that came back would be without this worker.
        InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
        MaxReconnectBackoff = TimeSpan.FromSeconds(1),
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingDelay = TimeSpan.FromSeconds(5),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            EnableMultipleHttp2Connections = true,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        },
    });
}
