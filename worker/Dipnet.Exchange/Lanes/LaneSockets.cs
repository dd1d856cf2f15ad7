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
        return new Socket(endPoint.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
    }

    /// <summary>For a connected socket.</summary>
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
            Unpace(socket);
        }
    }

    /// <summary>
    /// On the loopback nothing is ever congested: a congestion control that paces (BBR) costs half of the kernel's time there. What the host has set
    /// stays for every real path.
    /// </summary>
    public static void Unpace(Socket socket)
    {
        if (OperatingSystem.IsLinux() && socket.RemoteEndPoint is IPEndPoint remote && IPAddress.IsLoopback(remote.Address))
        {
            socket.SetRawSocketOption(Libc.TcpLevel, Libc.TcpCongestion, "reno"u8);
        }
    }

    /// <summary>An abstract Unix socket: a name that is nowhere in the file system and goes with its process.</summary>
    public static UnixDomainSocketEndPoint Abstract(string name) => new("\0" + name);
}
