using System.Net;
using System.Net.Sockets;

namespace Dipnet.Coordinator.Hosting;

/// <summary>Ports for the silo, which wants to know its own beforehand.</summary>
internal static class FreePorts
{
    /// <summary>Two different ports of the loopback address that are free now; another program may still take them first.</summary>
    public static (int Silo, int Gateway) Two()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }
}
