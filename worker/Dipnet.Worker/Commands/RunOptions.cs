using System.Net;
using Dipnet.Exchange;
using Microsoft.Extensions.Logging;

namespace Dipnet.Worker.Commands;

/// <param name="Coordinator">http://host:port.</param>
/// <param name="Once">End after the first job.</param>
/// <param name="Host">Address for other workers; empty: chosen.</param>
/// <param name="Parent">Process to end with; 0: none.</param>
/// <param name="Name">Empty: machine and process.</param>
/// <param name="Device">auto, cpu, cuda or cuda:N.</param>
internal sealed record RunOptions(Uri Coordinator, bool Once, string Host, int Parent, string Name, string Device)
{
    /// <summary>Loopback alone when the coordinator is on this machine and no address is given; else every address, under the given name or the machine's.</summary>
    public ExchangeHostOptions Exchange(ILoggerFactory logging)
    {
        var local = Host.Length == 0 && Coordinator.IsLoopback;
        return new ExchangeHostOptions
        {
            Address = local ? IPAddress.Loopback : IPAddress.TryParse(Host, out var address) ? address : IPAddress.Any,
            AdvertisedHost = local ? null : Host.Length > 0 ? Host : Environment.MachineName,
            LoggerFactory = logging,
        };
    }
}
