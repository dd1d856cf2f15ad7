using System.Collections.Concurrent;
using Dipnet.Coordinator.Catalog;
using Dipnet.Coordinator.Dashboard;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dipnet.Dashboard.Tests;

/// <summary>The dashboard on a port of its own, hosted as the coordinator does it: by a program that is no web project.</summary>
internal sealed class DashboardHost : ILoggerProvider, IAsyncDisposable
{
    private WebApplication? application;

    /// <summary>Warnings and errors of the server.</summary>
    public ConcurrentQueue<string> Problems { get; } = new();

    public string Address => application!.Urls.Single();

    public static async Task<DashboardHost> StartAsync(IJobCatalog catalog, int port = 0)
    {
        var host = new DashboardHost();
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Logging.ClearProviders().AddProvider(host).SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(catalog).AddDashboard();
        host.application = builder.Build();
        host.application.MapDashboard();
        await host.application.StartAsync();
        return host;
    }

    public ILogger CreateLogger(string categoryName) => new ProblemLogger(Problems, categoryName);

    public void Dispose()
    {
    }

    public async ValueTask DisposeAsync()
    {
        await application!.StopAsync(new CancellationToken(canceled: true));
        await application.DisposeAsync();
    }

    private sealed class ProblemLogger(ConcurrentQueue<string> problems, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                problems.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
