using System.Net;

namespace Dipnet.Coordinator.Hosting;

/// <summary>How a coordinator is hosted.</summary>
public sealed class CoordinatorOptions
{
    /// <summary>State that is kept in memory only.</summary>
    public const string InMemory = ":memory:";

    /// <summary>Folder in which runs' folders are made, unless a job's submission names another. Made when it is absent.</summary>
    public required string RunDirectory { get; init; }

    /// <summary>SQLite file of the durable state. Null: <c>coordinator.db</c> in the run directory, or in memory when embedded.</summary>
    public string? StateFile { get; init; }

    /// <summary>Part of a command that runs one job: nothing outlives it, jobs under way are cancelled when it stops.</summary>
    public bool Embedded { get; init; }

    /// <summary>Address to listen on. 0.0.0.0 for workers on other hosts.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Host name or address that others reach this machine by; null: the address, or the machine's name when listening on all.</summary>
    public string? Host { get; init; }

    /// <summary>Port of the control service (HTTP/2 without TLS); 0: any free one.</summary>
    public int ControlPort { get; init; }

    /// <summary>Port of dashboard, REST API, health and metrics (HTTP/1.1); 0: any free one.</summary>
    public int DashboardPort { get; init; }

    /// <summary>Serve the dashboard's pages; REST, health and metrics are served anyway.</summary>
    public bool Dashboard { get; init; } = true;

    /// <summary>Clock of every decision.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where log lines go; null: nowhere.</summary>
    public Action<Microsoft.Extensions.Logging.ILoggingBuilder>? Logging { get; init; }
}
