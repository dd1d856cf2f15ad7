using System.Net;
using System.Net.Sockets;

namespace Dipnet.Worker.Bench;

/// <summary>What this host's sockets give without any protocol: every worker sends to the next one, all at once.</summary>
internal static class SocketCeiling
{
    private const int Piece = 256 << 10;
    private const int Runs = 11;

    public static double Milliseconds(int workers, long bytes, bool tcp)
    {
        var pairs = Enumerable.Range(0, workers).Select(_ => Connect(tcp)).ToArray();
        try
        {
            return BenchCase.Median(
                () =>
                {
                    var threads = pairs.SelectMany(p => new[] { Start(() => Send(p.From, bytes)), Start(() => Receive(p.To, bytes)) }).ToArray();
                    Array.ForEach(threads, t => t.Join());
                },
                Runs,
                2);
        }
        finally
        {
            Array.ForEach(pairs, p =>
            {
                p.From.Dispose();
                p.To.Dispose();
            });
        }
    }

    private static (Socket From, Socket To) Connect(bool tcp)
    {
        EndPoint address = tcp ? new IPEndPoint(IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint($"\0dipnet-bench-{Guid.NewGuid():N}");
        var protocol = tcp ? ProtocolType.Tcp : ProtocolType.Unspecified;
        using var listener = new Socket(address.AddressFamily, SocketType.Stream, protocol);
        listener.Bind(address);
        listener.Listen(1);
        var from = new Socket(address.AddressFamily, SocketType.Stream, protocol);
        from.Connect(tcp ? listener.LocalEndPoint! : address);
        return (from, listener.Accept());
    }

    private static Thread Start(Action body)
    {
        var thread = new Thread(() => body());
        thread.Start();
        return thread;
    }

    private static void Send(Socket socket, long bytes)
    {
        var buffer = new byte[Piece];
        while (bytes > 0)
        {
            bytes -= socket.Send(buffer.AsSpan(0, (int)Math.Min(Piece, bytes)));
        }
    }

    private static void Receive(Socket socket, long bytes)
    {
        var buffer = new byte[Piece];
        while (bytes > 0)
        {
            var count = socket.Receive(buffer);
            bytes = count == 0 ? throw new IOException("the socket of the benchmark closed early") : bytes - count;
        }
    }
}
