using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dipnet.Exchange;

/// <summary>Where a worker's exchange listens.</summary>
public sealed record ExchangeHostOptions
{
    /// <summary>Address to listen on; loopback by default, so that nothing outside this host can connect.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Name or address under which peers reach this host; null: the address listened on.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>TCP port of gRPC; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>TCP port of the socket lane; 0 takes a free one.</summary>
    public int LanePort { get; init; }

    /// <summary>Unix sockets for peers on this host. Their names are abstract: no file is left behind.</summary>
    public bool UnixSockets { get; init; } = true;

    /// <summary>Most that a lane over TCP sends, in bytes a second; null: what the network takes. For measuring what a slow network costs.</summary>
    public long? LaneBytesPerSecond { get; init; }

    /// <summary>Equal for workers that can map each other's memory; must be what the coordinator got in Hello.</summary>
    public string HostIdentity { get; init; } = HostIdentities.Current();

    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
