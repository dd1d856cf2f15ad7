using Microsoft.Extensions.Logging;

namespace Dipnet.Exchange;

internal static partial class ExchangeLog
{
    [LoggerMessage(3001, LogLevel.Information, "Rank {Rank} is connected over {Transport} (generation {Generation}).")]
    public static partial void Connected(ILogger logger, int rank, string transport, ulong generation);

    [LoggerMessage(3002, LogLevel.Information, "{Stream} of rank {Rank} over {Transport} ended: {Reason} Opening it again.")]
    public static partial void StreamEnded(ILogger logger, Protos.Stream stream, int rank, string transport, string reason);

    [LoggerMessage(3003, LogLevel.Warning, "Refused a request of a peer: {Reason}")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(3004, LogLevel.Error, "The exchange of job {Job}, generation {Generation} failed.")]
    public static partial void Failed(ILogger logger, Exception error, string job, ulong generation);

    [LoggerMessage(3005, LogLevel.Error, "The session of job {Job}, generation {Generation} did not end in time; its memory stays mapped.")]
    public static partial void CloseTimedOut(ILogger logger, string job, ulong generation);

    [LoggerMessage(3006, LogLevel.Warning, "Rank {Rank} cannot be had over {Transport}: {Reason}")]
    public static partial void Unavailable(ILogger logger, int rank, string transport, string reason);

    [LoggerMessage(3007, LogLevel.Information, "State comes from rank {Rank} no longer: {Reason} Its part comes from the others.")]
    public static partial void StateSourceLost(ILogger logger, int rank, string reason);
}
