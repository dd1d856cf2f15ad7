using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dipnet.Dashboard.Tests;

/// <summary>Every page at a desk's and a phone's width. With DIPNET_SCREENSHOTS=FOLDER the pictures are kept.</summary>
public sealed class LayoutTests(Browser browser) : IClassFixture<Browser>
{
    /// <summary>A theme changes colours only, so each width needs one; pictures are of both.</summary>
    public static TheoryData<int, bool> Views => Environment.GetEnvironmentVariable("DIPNET_SCREENSHOTS") is { Length: > 0 }
        ? new() { { 1280, false }, { 1280, true }, { 420, false }, { 420, true } }
        : new() { { 1280, false }, { 420, true } };

    [Theory]
    [MemberData(nameof(Views))]
    public async Task Pages_AtAnyWidthAndTheme_DoNotScrollSideways(int width, bool dark)
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var catalog = Catalog();
        var problems = new ConcurrentQueue<string>();
        await using var host = await DashboardHost.StartAsync(catalog);
        foreach (var (name, path) in new[]
        {
            ("jobs", ""), ("job", "jobs/vitfashionmnist-0002"), ("completed", "jobs/vitdigits-0003"), ("failed", "jobs/mlpdigits-0005"), ("compare", "compare?job=vitdigits-0003&job=vitdigitsplain-0004"),
            ("fresh", "jobs/llamastories-0006"),
        })
        {
            var page = await browser.OpenAsync($"{host.Address}/{path}", problems, width, dark);
            await page.WaitForSelectorAsync("main[data-live]");
            for (var i = 0; name == "job" && i < 12; i++)
            {
                catalog.Change("vitfashionmnist-0002", Step);
            }

            await Expect(page.Locator(name == "jobs" ? "table" : name == "fresh" ? ".chart-empty" : ".uplot").First).ToBeVisibleAsync();
            Assert.Equal(width, await page.EvaluateAsync<int>("Math.max(document.documentElement.scrollWidth, innerWidth)"));
            if (Environment.GetEnvironmentVariable("DIPNET_SCREENSHOTS") is { Length: > 0 } folder)
            {
                await page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
                await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{name}-{width}-{(dark ? "dark" : "light")}.png"), FullPage = true });
            }

            await page.Context.CloseAsync();
        }

        Assert.Empty(problems);
        Assert.Empty(host.Problems);
    }

    private static void Step(SampleJob job)
    {
        job.Advance(3);
        foreach (var worker in job.Snapshot.Workers)
        {
            worker.WaitingFor.Clear();
            worker.Phase = Dipnet.Protos.Phase.Compute;
            if (worker.Rank != 2)
            {
                worker.WaitingFor.Add(2);
                worker.Phase = Dipnet.Protos.Phase.Exchange;
            }
        }
    }

    private static FakeJobCatalog Catalog()
    {
        var now = DateTimeOffset.UtcNow;
        var catalog = new FakeJobCatalog();
        catalog.Add(new SampleJob("vit-fashion-mnist", now.AddSeconds(-190), workers: 4, steps: 3750, seed: 2));
        catalog.Add(new SampleJob("vit-digits", now.AddMinutes(-9), seed: 3));
        catalog.Add(new SampleJob("vit-digits-plain", now.AddMinutes(-22), seed: 4));
        catalog.Add(new SampleJob("mlp-digits", now.AddHours(-3), seed: 5));
        var fresh = new SampleJob("llama-stories", now.AddSeconds(-2), seed: 6);
        (fresh.Snapshot.Status, fresh.Snapshot.StartedUnixMs) = ("gathering", 0);
        fresh.Snapshot.Workers.Clear();
        catalog.Add(fresh);
        catalog.Change("vitfashionmnist-0002", job =>
        {
            job.Advance(1000);
            job.Checkpoint();
            job.Snapshot.Generation = 2;
            job.Happen("fault", "worker-2-3 (rank 3 on ada, pid 41203) is lost: its stream broke at step 1,312");
            job.Happen("member", "generation 2: 4 members; worker-2-4 joined and pulled 30 MiB of state from 3 peers");
            job.Advance(1000);
            job.Checkpoint();
            job.Advance(180);
        });
        catalog.Change("vitdigits-0003", job => job.Complete());
        catalog.Change("vitdigitsplain-0004", job => job.Complete());
        catalog.Change("mlpdigits-0005", job =>
        {
            job.Advance(41);
            job.End("failed", "Worker 1 (rank 1 on ada, pid 41201) met a value that is not finite in layer blocks.2 at step 41: loss is NaN. Its last lines:\n  step 40 loss 812.4\n  step 41 loss NaN");
        });
        return catalog;
    }
}
