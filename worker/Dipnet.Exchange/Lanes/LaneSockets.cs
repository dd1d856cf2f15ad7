using System.Net;
using System.Net.Sockets;

namespace Dipnet.Exchange;

/// <summary>
/// How lanes' sockets are made. They never see .NET's asynchronous socket operations: after the first of those, the runtime's own poll wakes a pool
/// thread for every arrival, for ever, which took a fifth of a lane's processor time.
/// </summary>
internal static class LaneSockets
{
    // Room for some chunks in flight on a fast network; the system grants at most its own limit.
    private const int BufferBytes = 4 << 20;
    private static readonly TimeSpan HandshakePause = TimeSpan.FromMilliseconds(2);

    public static Socket Create(EndPoint endPoint)
    {
        var unix = endPoint.AddressFamily == AddressFamily.Unix;
        return new Socket(endPoint.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
    }

    /// <summary>A connected socket that never blocks.</summary>
    public static async Task<Socket> ConnectAsync(EndPoint endPoint, CancellationToken cancellation)
    {
        var socket = Create(endPoint);
        try
        {
            socket.Blocking = false;
            try
            {
                socket.Connect(endPoint);
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
            {
                while (!socket.Poll(TimeSpan.Zero, SelectMode.SelectWrite))
                {
                    await PauseAsync(SocketError.WouldBlock, cancellation).ConfigureAwait(false);
                }

                var failure = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
                if (failure != 0)
                {
                    throw new SocketException(failure, $"Connecting to {endPoint} failed (errno {failure}).");
                }
            }

            Tune(socket, endPoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Waits a little when the operation would block, and throws when it failed.</summary>
    public static Task PauseAsync(SocketError error, CancellationToken cancellation) =>
        error == SocketError.Success ? Task.CompletedTask
        : error is SocketError.WouldBlock or SocketError.TryAgain or SocketError.InProgress ? Task.Delay(HandshakePause, cancellation)
        : throw new SocketException((int)error);

    /// <summary>For a connected socket.</summary>
    public static void Tune(Socket socket, EndPoint? peer)
    {
        socket.Blocking = false;
        if (socket.AddressFamily == AddressFamily.Unix)
        {
            socket.SendBufferSize = BufferBytes;
        }
        else
        {
            // TCP grows its own windows to what the path needs, as long as nobody sets them.
            socket.NoDelay = true;
            Unpace(socket, peer);
        }
    }

    /// <summary>
    /// On the loopback nothing is ever congested: a congestion control that paces (BBR) costs half of the kernel's time there. What the host has set
    /// stays for every real path.
    /// </summary>
    public static void Unpace(Socket socket, EndPoint? peer)
    {
        if (OperatingSystem.IsLinux() && peer is IPEndPoint remote && IPAddress.IsLoopback(remote.Address))
        {
            socket.SetRawSocketOption(Libc.TcpLevel, Libc.TcpCongestion, "reno"u8);
        }
    }

    /// <summary>The kernel sends no faster than this over the socket.</summary>
    public static void Limit(Socket socket, long bytesPerSecond) =>
        socket.SetRawSocketOption(Libc.SocketLevel, Libc.MaxPacingRate, BitConverter.GetBytes(bytesPerSecond));

    /// <summary>An abstract Unix socket: a name that is nowhere in the file system and goes with its process.</summary>
    public static UnixDomainSocketEndPoint Abstract(string name) => new("\0" + name);
}
