using Dipnet.Coordinator.Catalog;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dipnet.Coordinator.Dashboard;

/// <summary>Puts the dashboard into a web host. The host supplies an <see cref="IJobCatalog"/>.</summary>
public static class DashboardExtensions
{
    private const string DurableKeys = "Microsoft.AspNetCore.DataProtection.Internal.DataProtectionHostedService";

    /// <summary>Registers what the pages need.</summary>
    public static IServiceCollection AddDashboard(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddRazorComponents().AddInteractiveServerComponents();

        // A page's state lives as long as this process, so its keys need not live longer. The service that would make durable ones
        // at the start goes too: it writes to the home folder, which a container does not have.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        if (services.FirstOrDefault(service => service.ImplementationType?.FullName == DurableKeys) is { } durableKeys)
        {
            services.Remove(durableKeys);
        }

        return services;
    }

    /// <summary>Maps the pages to <c>/</c>, <c>/jobs/ID</c> and <c>/compare</c>, and the files they load. Needs no middleware.</summary>
    public static IEndpointRouteBuilder MapDashboard(this IEndpointRouteBuilder endpoints)
    {
        DashboardAssets.Map(endpoints);

        // No page has a form that posts: every action goes over the page's own connection.
        endpoints.MapRazorComponents<DashboardDocument>().AddInteractiveServerRenderMode().DisableAntiforgery();

        // A mistyped address shows a page, not the browser's own error; programs get the status.
        endpoints.MapFallback("/api/{**path}", () => Results.NotFound());
        endpoints.MapFallback(() => Results.Redirect("/not-found"));
        return endpoints;
    }
}
