using Dipnet.Coordinator.Catalog;
using Dipnet.Protos;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Dipnet.Coordinator.Rest;

/// <summary>The jobs over plain HTTP: the same snapshot records as the control service's, as JSON with camelCase keys.</summary>
internal static class RestApi
{
    private const int ListedByDefault = 50;
    private const int PointsByDefault = 500;
    private const int MostPoints = 5000;
    private static readonly JsonFormatter Formatter = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    public static void MapRestApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", () => Results.Text("ok"));
        var jobs = endpoints.MapGroup("/api/jobs");
        jobs.MapGet("", async (IJobCatalog catalog, int? limit, CancellationToken cancellation) =>
        {
            var all = await catalog.ListAsync(Math.Clamp(limit ?? ListedByDefault, 1, 1000), cancellation);
            return Results.Content($"[{string.Join(',', all.Select(job => Formatter.Format(job)))}]", "application/json");
        });
        jobs.MapGet("{id}", async (IJobCatalog catalog, string id, CancellationToken cancellation) =>
            Snapshot(await catalog.GetAsync(id, cancellation), id));
        jobs.MapGet("{id}/metrics", async (IJobCatalog catalog, string id, string? series, int? points, CancellationToken cancellation) =>
            await catalog.GetAsync(id, cancellation) is null ? Missing(id)
            : string.IsNullOrEmpty(series) ? Results.Json(new { series = await catalog.SeriesNamesAsync(id, cancellation) })
            : Results.Json(new
            {
                series,
                points = (await catalog.SeriesAsync(id, series, Math.Clamp(points ?? PointsByDefault, 1, MostPoints), cancellation))
                    .Select(p => new { step = p.Step, value = p.Value }),
            }));
        jobs.MapPost("{id}/cancel", async (IJobCatalog catalog, string id, CancellationToken cancellation) =>
            Snapshot(await catalog.CancelAsync(id, cancellation), id));
        jobs.MapPost("{id}/scale", async (IJobCatalog catalog, string id, int workers, CancellationToken cancellation) =>
        {
            try
            {
                return Snapshot(await catalog.ScaleAsync(id, workers, cancellation), id);
            }
            catch (JobRefusedException e)
            {
                return Results.Json(new { errors = e.Errors }, statusCode: StatusCodes.Status400BadRequest);
            }
        });
    }

    private static IResult Snapshot(JobSnapshot? snapshot, string id) =>
        snapshot is null ? Missing(id) : Results.Content(Formatter.Format(snapshot), "application/json");

    private static IResult Missing(string id) =>
        Results.Json(new { errors = new[] { $"there is no job {id}" } }, statusCode: StatusCodes.Status404NotFound);
}
