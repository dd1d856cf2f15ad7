using Dipnet.Coordinator.Dashboard.Charts;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace Dipnet.Coordinator.Dashboard.Parts;

/// <summary>Draws a <see cref="ChartData"/> in the browser. After each render it sends only the rows that the browser lacks.</summary>
public sealed partial class LiveChart
{
    private ElementReference element;
    private IJSObjectReference? module;
    private IJSObjectReference? chart;
    private ChartData? drawn;
    private int epoch;
    private int sent;
    private bool busy;

    [Parameter, EditorRequired] public string Title { get; set; } = "";

    [Parameter] public string Note { get; set; } = "";

    [Parameter] public string Unit { get; set; } = "";

    /// <summary>Layers that add up, instead of lines.</summary>
    [Parameter] public bool Stacked { get; set; }

    [Parameter] public bool FromZero { get; set; }

    /// <summary>Shown while there is nothing to draw.</summary>
    [Parameter] public string Empty { get; set; } = "No steps yet.";

    [Parameter, EditorRequired] public ChartData? Data { get; set; }

    private string Summary => Data is { Rows.Count: > 0 } data
        ? $"{Title}, step {Format.Count(data.Rows[^1][0]!.Value)}: "
          + string.Join(", ", data.Series.Select((series, i) => $"{series.Label} {Format.Number(data.Rows[^1][i + 1] ?? double.NaN)} {Unit}".TrimEnd()))
        : $"{Title}: {Empty}";

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        // A slow browser gets fewer, larger updates: what is added meanwhile goes with the next one.
        if (Data is not { Rows.Count: > 0 } data || busy)
        {
            return;
        }

        busy = true;
        try
        {
            await DrawAsync(data);
        }
        catch (JSDisconnectedException)
        {
            // The page was closed while this update was under way.
        }
        finally
        {
            busy = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await DropAsync();
            if (module is not null)
            {
                await module.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser has gone, and its objects with it.
        }
    }

    private async Task DrawAsync(ChartData data)
    {
        if (!ReferenceEquals(drawn, data))
        {
            await DropAsync();
            module ??= await Script.InvokeAsync<IJSObjectReference>("import", "./dashboard.js");
            var options = new
            {
                height = 250,
                unit = Unit,
                stacked = Stacked,
                fromZero = FromZero || Stacked,
                series = data.Series.Select(series => new { label = series.Label, color = series.Color, width = series.Width, dashed = series.Dashed }),
            };
            (drawn, epoch, sent) = (data, data.Epoch, data.Rows.Count);
            chart = await module.InvokeAsync<IJSObjectReference>("create", element, options, data.Rows.Take(sent));
        }
        else if (chart is not null && epoch != data.Epoch)
        {
            (epoch, sent) = (data.Epoch, data.Rows.Count);
            await chart.InvokeVoidAsync("set", data.Rows.Take(sent));
        }
        else if (chart is not null && sent < data.Rows.Count)
        {
            var added = data.Rows.Skip(sent).ToList();
            sent = data.Rows.Count;
            await chart.InvokeVoidAsync("append", added);
        }
    }

    private async Task DropAsync()
    {
        if (chart is { } old)
        {
            (chart, drawn) = (null, null);
            await old.InvokeVoidAsync("dispose");
            await old.DisposeAsync();
        }
    }
}
