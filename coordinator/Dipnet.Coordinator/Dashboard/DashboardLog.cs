using Microsoft.Extensions.Logging;

namespace Dipnet.Coordinator.Dashboard;

internal static partial class DashboardLog
{
    [LoggerMessage(4001, LogLevel.Warning, "The dashboard cannot read the list of jobs")]
    public static partial void ListUnreadable(ILogger logger, Exception exception);

    [LoggerMessage(4002, LogLevel.Warning, "The dashboard's view of job {JobId} was interrupted; it is opened again")]
    public static partial void WatchInterrupted(ILogger logger, string jobId, Exception exception);

    [LoggerMessage(4003, LogLevel.Information, "The dashboard asked to {Action} job {JobId}")]
    public static partial void ActionAsked(ILogger logger, string action, string jobId);
}
