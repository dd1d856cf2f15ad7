using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace Dipnet.Dashboard.Tests;

/// <summary>Debian's chromium, driven by Playwright. Records what goes wrong in its pages.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
    private IPlaywright? playwright;
    private IBrowser? browser;

    public bool IsPresent => browser is not null;

    public async Task InitializeAsync()
    {
        if (Candidates.FirstOrDefault(File.Exists) is not { } program)
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"The dashboard's tests need a browser: none of {string.Join(", ", Candidates)} exists (apt-get install chromium).");
            Console.WriteLine("Dashboard page tests did not run: there is no chromium (apt-get install chromium).");
            return;
        }

        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = program,
            Headless = true,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }

    /// <summary>A page at an address; its console errors, failed requests and requests to other hosts go to <paramref name="problems"/>.</summary>
    internal async Task<IPage> OpenAsync(string address, ConcurrentQueue<string> problems, int width = 1280, bool dark = false)
    {
        var context = await browser!.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = width < 600 ? 900 : 800 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            DeviceScaleFactor = width < 600 ? 2 : 1,
        });
        context.SetDefaultTimeout(20_000);
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                problems.Enqueue($"console {message.Type}: {message.Text}");
            }
        };
        page.PageError += (_, error) => problems.Enqueue("script error: " + error);
        page.Dialog += (_, dialog) => problems.Enqueue("a dialog opened: " + dialog.Message);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("data:", StringComparison.Ordinal) && new Uri(request.Url).Host != "127.0.0.1")
            {
                problems.Enqueue("request to another host: " + request.Url);
            }
        };
        await page.GotoAsync(address);
        return page;
    }
}
