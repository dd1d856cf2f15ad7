using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Dipnet.Coordinator.Dashboard;

/// <summary>
/// Serves the scripts and styles from this assembly. They are embedded, so that they are there however the coordinator is
/// started or published; static web assets would need the host to be a web project.
/// </summary>
internal static class DashboardAssets
{
    private const string Prefix = "dashboard/";

    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".js"] = "text/javascript; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        var assembly = typeof(DashboardAssets).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            MapFile(endpoints, name[Prefix.Length..].Replace('\\', '/'), content);
        }
    }

    private static void MapFile(IEndpointRouteBuilder endpoints, string path, byte[] content)
    {
        var tag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content))[..20]}\"");
        var contentType = ContentTypes.GetValueOrDefault(Path.GetExtension(path), "text/plain; charset=utf-8");
        endpoints.MapGet(path, (HttpContext context) =>
        {
            // Asked again by tag each time: a page never mixes files of two versions.
            context.Response.Headers.CacheControl = "no-cache";
            return Results.Bytes(content, contentType, entityTag: tag);
        });
    }
}
