using System.Collections.Concurrent;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Dipnet.Dashboard.Tests;

public sealed class PageTests(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private const string Hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&";
    private static readonly DateTimeOffset Submitted = DateTimeOffset.UtcNow.AddMinutes(-3);

    private readonly FakeJobCatalog catalog = new();
    private readonly ConcurrentQueue<string> problems = new();
    private DashboardHost host = null!;

    public async Task InitializeAsync() => host = await DashboardHost.StartAsync(catalog);

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task List_WithJobs_ShowsThemAndTheirProgress()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var job = Running("vit-digits", 250);
        var page = await browser.OpenAsync(host.Address, problems);

        await Expect(page.GetByRole(AriaRole.Row, new() { NameRegex = new("vit-digits") })).ToContainTextAsync("250 of 1,000");
        catalog.Change(job, sample => sample.Advance(50));
        await Expect(page.GetByRole(AriaRole.Row, new() { NameRegex = new("vit-digits") })).ToContainTextAsync("300 of 1,000");
        AssertClean();
    }

    [Fact]
    public async Task List_WithoutJobs_SaysHowToStartOne()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var page = await browser.OpenAsync(host.Address, problems);

        await Expect(page.GetByText("./dipnet train")).ToBeVisibleAsync();
        AssertClean();
    }

    [Fact]
    public async Task List_WithManyJobs_TurnsPages()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        for (var i = 0; i < 25; i++)
        {
            catalog.Add(new SampleJob($"job-{i:00}", Submitted.AddSeconds(i), seed: i));
        }

        var page = await browser.OpenAsync(host.Address, problems);
        await Interactive(page);
        await Expect(page.GetByText("job-24", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Older" }).ClickAsync();

        await Expect(page.GetByText("job-00", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByText("job-24", new() { Exact = true })).ToBeHiddenAsync();
        AssertClean();
    }

    [Fact]
    public async Task Job_WhenAStepIsCommitted_ShowsItLive()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var job = Running("vit-digits", 250);
        var page = await browser.OpenAsync($"{host.Address}/jobs/{job}", problems);
        await Expect(page.GetByTestId("step")).ToHaveTextAsync("250");
        await Expect(page.Locator(".uplot")).ToHaveCountAsync(4);

        catalog.Change(job, sample => sample.Advance(17));

        await Expect(page.GetByTestId("step")).ToHaveTextAsync("267");
        await Expect(page.GetByRole(AriaRole.Figure, new() { NameRegex = new("^Loss, step 266: ") })).ToBeVisibleAsync();
        AssertClean();
    }

    [Fact]
    public async Task Job_WhenAWorkerIsLost_MarksIt()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var job = Running("vit-digits", 250);
        var page = await browser.OpenAsync($"{host.Address}/jobs/{job}", problems);
        await Interactive(page);
        catalog.Change(job, sample => sample.Snapshot.Workers[1].Alive = false);

        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "Workers" }).GetByText("lost")).ToBeVisibleAsync();
        await Expect(page.GetByText("1 of 2 alive")).ToBeVisibleAsync();
        AssertClean();
    }

    [Fact]
    public async Task Cancel_AsksFirstAndThenCancels()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var job = Running("vit-digits", 250);
        var page = await browser.OpenAsync($"{host.Address}/jobs/{job}", problems);
        await Interactive(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Let it run" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alertdialog)).ToBeHiddenAsync();
        Assert.Empty(catalog.Asked);

        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the job" }).ClickAsync();
        await Expect(page.Locator(".badge.cancelled")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Cancel", Exact = true })).ToBeHiddenAsync();
        Assert.Equal(["cancel " + job], catalog.Asked);
        AssertClean();
    }

    [Fact]
    public async Task Scale_AsksForTheNumberThatWasTyped()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var job = Running("vit-digits", 250);
        var page = await browser.OpenAsync($"{host.Address}/jobs/{job}", problems);
        await Interactive(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Scale", Exact = true }).ClickAsync();
        await page.GetByLabel("Workers", new() { Exact = true }).And(page.Locator("input")).FillAsync("4");
        await page.GetByRole(AriaRole.Button, new() { Name = "Scale to 4" }).ClickAsync();

        await Expect(page.GetByText("4 of 4 alive")).ToBeVisibleAsync();
        Assert.Equal([$"scale {job} 4"], catalog.Asked);
        AssertClean();
    }

    [Fact]
    public async Task JobName_ThatIsMarkup_IsShownAsText()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var job = Running(Hostile, 250);
        catalog.Change(job, sample => sample.Happen("fault", Hostile));
        var page = await browser.OpenAsync(host.Address, problems);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = Hostile })).ToBeVisibleAsync();
        await page.GotoAsync($"{host.Address}/jobs/{job}");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Hostile);
        await Interactive(page);

        Assert.Equal(0, await page.Locator("main img, main script").CountAsync());
        AssertClean();
    }

    [Fact]
    public async Task Compare_OfTwoRuns_ShowsCurvesAndMarksTheBetterResult()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        catalog.Add(new SampleJob("with-projections", Submitted, seed: 3));
        catalog.Add(new SampleJob("without", Submitted, seed: 4));
        catalog.Change("withprojections-0003", sample => sample.Complete());
        catalog.Change("without-0004", sample => sample.Complete());
        var page = await browser.OpenAsync(host.Address, problems);
        await Interactive(page);
        await page.GetByLabel("Compare with-projections").CheckAsync();
        await page.GetByLabel("Compare without").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare 2" }).ClickAsync();

        await Expect(page.Locator(".uplot")).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Row, new() { NameRegex = new("Accuracy under PGD") }).Locator(".best")).ToHaveTextAsync("78.4 %");
        AssertClean();
    }

    [Fact]
    public async Task Job_ThatIsUnknown_SaysSo()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var page = await browser.OpenAsync($"{host.Address}/jobs/none-0000", problems);

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("No job none-0000");
        AssertClean();
    }

    [Fact]
    public async Task Address_ThatIsNoPage_SaysSo()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var page = await browser.OpenAsync($"{host.Address}/job/none", problems);

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("There is no such page");
    }

    [Fact]
    public async Task Connection_WhenTheCoordinatorGoesAndReturns_IsSaidAndRestored()
    {
        if (!browser.IsPresent)
        {
            return;
        }

        var job = Running("vit-digits", 250);
        var page = await browser.OpenAsync($"{host.Address}/jobs/{job}", problems);
        await Interactive(page);
        var port = new Uri(host.Address).Port;

        await host.DisposeAsync();
        await Expect(page.GetByText("Connection to the coordinator is lost")).ToBeVisibleAsync();
        await Expect(page.GetByTestId("step")).ToHaveTextAsync("250");

        host = await DashboardHost.StartAsync(catalog, port);
        catalog.Change(job, sample => sample.Advance(1));
        await Expect(page.GetByTestId("step")).ToHaveTextAsync("251");
        await Expect(page.GetByText("Connection to the coordinator is lost")).ToBeHiddenAsync();
    }

    private string Running(string name, uint steps)
    {
        var job = new SampleJob(name, Submitted);
        job.Advance(steps);
        catalog.Add(job);
        return job.Snapshot.JobId;
    }

    // Buttons do nothing before the page's own connection is open.
    private static async Task Interactive(IPage page) => await page.WaitForSelectorAsync("main[data-live]");

    private void AssertClean()
    {
        Assert.Empty(problems);
        Assert.Empty(host.Problems);
    }
}
