using System.Net;
using System.Net.Sockets;

namespace Dipnet.Exchange;

/// <summary>How lanes' sockets are made.</summary>
internal static class LaneSockets
{
    // Room for some chunks in flight on a fast network; the system grants at most its own limit.
    private const int BufferBytes = 4 << 20;

    public static Socket Create(EndPoint endPoint)
    {
        var unix = endPoint.AddressFamily == AddressFamily.Unix;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        if (unix)
        {
            Tune(socket);
        }

        return socket;
    }

    public static void Tune(Socket socket)
    {
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            socket.SendBufferSize = BufferBytes;
        }
        else
        {
            // TCP grows its own windows to what the path needs, as long as nobody sets them.
            socket.NoDelay = true;
        }
    }

    /// <summary>An abstract Unix socket: a name that is nowhere in the file system and goes with its process.</summary>
    public static UnixDomainSocketEndPoint Abstract(string name) => new("\0" + name);
}
