using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Dipnet.Cli.Output;

/// <summary>A plan as the worker program computes it, for readers: within 80 columns.</summary>
internal static class PlanTable
{
    public static void Write(Screen screen, JsonElement plan)
    {
        screen.Say(plan.GetProperty("job").GetString()!);
        screen.Say(plan.GetProperty("model").GetString()!);
        foreach (var missing in plan.GetProperty("missing").EnumerateArray())
        {
            screen.Console.WriteLine($"missing: {missing.GetString()}");
        }

        var table = ResultTable.New(screen, "", "");
        foreach (var (name, value) in Rows(plan))
        {
            ResultTable.Row(table, name, value);
        }

        screen.Console.Write(table);
    }

    internal static IEnumerable<(string Name, string Value)> Rows(JsonElement plan)
    {
        var (parameters, batch, memory) = (plan.GetProperty("parameters"), plan.GetProperty("batch"), plan.GetProperty("memory"));
        var (exchange, compute) = (plan.GetProperty("exchange"), plan.GetProperty("compute"));
        yield return ("parameters", $"{Count(parameters, "total")} ({Count(parameters, "projections")} of projections)");
        yield return ("  trained, frozen", $"{Count(parameters, "trained")}, {Count(parameters, "frozen")}");
        yield return ("workers", $"{plan.GetProperty("workers").GetInt32()}, {plan.GetProperty("precision").GetString()}");
        yield return ("step", $"{Count(batch, "globalBatch")} samples in {Count(batch, "microbatches")} microbatches");
        yield return ("  a microbatch", $"{Count(batch, "samplesPerMicrobatch")} samples × {Count(batch, "trajectories")} trajectories = {Count(batch, "rowsPerMicrobatch")} rows");
        yield return ("  microbatches a worker", Count(batch, "microbatchesPerWorker"));
        yield return ("memory of a worker", "");
        yield return ("  trained parameters", Bytes(memory, "trainedParameters"));
        if (memory.GetProperty("frozenParameters").GetInt64() > 0)
        {
            yield return ("  frozen parameters", Bytes(memory, "frozenParameters"));
        }

        if (memory.GetProperty("narrowCopies").GetInt64() > 0)
        {
            yield return ("  bf16 copies", Bytes(memory, "narrowCopies"));
        }

        yield return ("  optimizer state", Bytes(memory, "optimizerState"));
        yield return ("  gradients and sums", Bytes(memory, "gradientArena"));
        var checkpointing = plan.GetProperty("activationCheckpointing").GetBoolean();
        yield return ($"  activations{(checkpointing ? "" : " *")}", $"about {Bytes(memory, "activationsKept")}");
        yield return ($"  … checkpointed{(checkpointing ? " *" : "")}", $"about {Bytes(memory, "activationsCheckpointed")}");
        yield return ("total on a CPU", $"about {Bytes(memory, "cpuTotal")}");
        yield return ("total with a GPU", $"about {Bytes(memory, "deviceTotal")} there, {Bytes(memory, "hostTotal")} on the host");
        yield return ("gradient", $"{Bytes(exchange, "gradient")} in {Count(exchange, "buckets")} buckets, the largest {Bytes(exchange, "largestBucket")}");
        yield return ("sent a step", $"{Bytes(exchange, "sentPerWorker")} a worker, {Bytes(exchange, "sentTotal")} in all");
        yield return ("a checkpoint", Figures.Bytes(plan.GetProperty("checkpointBytes").GetUInt64()));
        yield return ("operations a step", $"{Tera(compute, "stepTotal")} TFLOP, {Tera(compute, "stepPerWorker")} a worker");
        foreach (var time in plan.GetProperty("times").EnumerateArray())
        {
            yield return ($"a step, {time.GetProperty("device").GetString()}", $"{Time(time)} at {time.GetProperty("basis").GetString()}");
        }

        yield return ("*", "what the job asks for; totals have it");
    }

    private static string Time(JsonElement time)
    {
        var compute = time.GetProperty("computeSeconds").GetDouble();
        return time.GetProperty("exchangeSeconds") is { ValueKind: JsonValueKind.Number } exchange
            ? $"{Seconds(Math.Max(compute, exchange.GetDouble()))} to {Seconds(compute + exchange.GetDouble())}"
            : Seconds(compute);
    }

    private static string Seconds(double seconds) => seconds < 1 ? $"{Figures.Number(seconds * 1000)} ms" : $"{Figures.Number(seconds)} s";

    private static string Count(JsonElement parent, string name) => parent.GetProperty(name).GetInt64().ToString("#,0", CultureInfo.InvariantCulture);

    private static string Bytes(JsonElement parent, string name) => Figures.Bytes(parent.GetProperty(name).GetUInt64());

    private static string Tera(JsonElement parent, string name) => Figures.Number(parent.GetProperty(name).GetDouble() / 1e12);
}
