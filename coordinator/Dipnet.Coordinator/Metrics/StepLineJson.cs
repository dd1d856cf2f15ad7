using System.Text.Json;

namespace Dipnet.Coordinator.Metrics;

/// <summary>A line of metrics.jsonl and back.</summary>
internal static class StepLineJson
{
    public static void Write(Utf8JsonWriter json, StepLine line)
    {
        json.WriteStartObject();
        json.WriteNumber("step", line.Step);
        Number(json, "loss", line.Loss);
        Number(json, "nll", line.Nll);
        Number(json, "penalty", line.Penalty);
        Number(json, "stability", line.Stability);
        Number(json, "learningRate", line.LearningRate);
        json.WriteStartObject("gradNorm");
        Number(json, "weights", line.WeightsNorm);
        Number(json, "projections", line.ProjectionsNorm);
        json.WriteEndObject();
        Number(json, "samplesPerSecond", line.SamplesPerSecond);
        json.WriteStartObject("seconds");
        for (var i = 0; i < StepSeries.Phases.Length; i++)
        {
            Number(json, StepSeries.Phases[i], line.Seconds[i]);
        }

        json.WriteEndObject();
        json.WriteStartObject("bytes");
        json.WriteNumber("weights", line.WeightsBytes);
        json.WriteNumber("projections", line.ProjectionsBytes);
        json.WriteEndObject();
        json.WriteNumber("workers", line.Workers);
        json.WriteNumber("generation", line.Generation);
        json.WriteString("time", line.Time);
        if (line.Partial)
        {
            json.WriteBoolean("partial", true);
        }

        if (line.Sigma.Length > 0)
        {
            json.WriteStartArray("sigma");
            foreach (var sigma in line.Sigma)
            {
                json.WriteStartObject();
                json.WriteString("layer", sigma.Layer);
                Number(json, "mean", sigma.Mean);
                Number(json, "min", sigma.Min);
                Number(json, "max", sigma.Max);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>Null: not a whole line.</summary>
    public static StepLine? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            var norms = root.GetProperty("gradNorm");
            var seconds = root.GetProperty("seconds");
            var hasBytes = root.TryGetProperty("bytes", out var bytes);  // files of 0.1 have none
            return new StepLine
            {
                Step = root.GetProperty("step").GetUInt64(),
                Loss = Number(root, "loss"),
                Nll = Number(root, "nll"),
                Penalty = Number(root, "penalty"),
                Stability = Number(root, "stability"),
                LearningRate = Number(root, "learningRate"),
                WeightsNorm = Number(norms, "weights"),
                ProjectionsNorm = Number(norms, "projections"),
                SamplesPerSecond = Number(root, "samplesPerSecond"),
                Seconds = [.. StepSeries.Phases.Select(p => Number(seconds, p))],
                WeightsBytes = hasBytes ? bytes.GetProperty("weights").GetUInt64() : 0,
                ProjectionsBytes = hasBytes ? bytes.GetProperty("projections").GetUInt64() : 0,
                Workers = root.GetProperty("workers").GetInt32(),
                Generation = root.GetProperty("generation").GetUInt64(),
                Time = root.GetProperty("time").GetDateTimeOffset(),
                Partial = root.TryGetProperty("partial", out var partial) && partial.GetBoolean(),
                Sigma = root.TryGetProperty("sigma", out var sigma)
                    ? [.. sigma.EnumerateArray().Select(s => new SigmaLine(
                        s.GetProperty("layer").GetString()!, Number(s, "mean"), Number(s, "min"), Number(s, "max")))]
                    : [],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>JSON has no word for what is not finite; null is honest.</summary>
    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static double Number(JsonElement element, string name) =>
        element.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : double.NaN;
}
