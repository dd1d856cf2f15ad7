using Dipnet.Coordinator.Catalog;
using Dipnet.Coordinator.Dashboard;
using Dipnet.Protos;

namespace Dipnet.Dashboard.Tests;

/// <summary>A job with plausible figures that are a pure function of its step.</summary>
internal sealed class SampleJob
{
    private const int Layers = 7;
    private readonly int seed;

    public SampleJob(string name, DateTimeOffset submitted, int workers = 2, uint steps = 1000, int seed = 1)
    {
        this.seed = seed;
        Snapshot = new JobSnapshot
        {
            JobId = $"{new string([.. name.Where(char.IsAsciiLetterOrDigit).Take(20)])}-{seed:0000}",
            Name = name,
            Status = "running",
            SubmittedUnixMs = submitted.ToUnixTimeMilliseconds(),
            StartedUnixMs = submitted.AddSeconds(4).ToUnixTimeMilliseconds(),
            TotalSteps = steps,
            Generation = 1,
            Transport = "shm",
            ThroughputUnit = "samples/s",
            RunFolder = "/home/ada/dipnet/runs/" + name.Length,
        };
        Happen("state", "submitted");
        Happen("state", $"gathering: {workers} workers asked for");
        SetWorkers(workers);
        Happen("state", "running");
    }

    public JobSnapshot Snapshot { get; }

    public void SetWorkers(int workers)
    {
        Snapshot.Workers.Clear();
        for (var rank = 0; rank < workers; rank++)
        {
            Snapshot.Workers.Add(new WorkerSnapshot
            {
                Rank = (uint)rank, WorkerId = $"worker-{seed}-{rank}", Host = "ada", ProcessId = 41_200 + rank, Device = "cpu", Phase = Phase.Compute, Alive = true,
                ResidentBytes = (ulong)(612 + (rank * 3)) << 20,
            });
        }

        Happen("member", $"generation {Snapshot.Generation}: {workers} members");
    }

    public void Advance(uint steps)
    {
        var step = Snapshot.CommittedSteps += steps;
        Snapshot.Nll = Value("nll", step - 1);
        Snapshot.Loss = Value("loss", step - 1);
        Snapshot.SamplesPerSecond = Value("samplesPerSecond", step - 1);
        Snapshot.EtaSeconds = (Snapshot.TotalSteps - step) * 0.052;
        Snapshot.WeightsBytes = step * 1_310_720;
        Snapshot.ProjectionsBytes = step * 3_584;
        Snapshot.Seconds = new PhaseSeconds
        {
            Step = 0.052,
            Compute = Value("seconds/compute", step - 1),
            ExchangeHidden = Value("seconds/exchangeHidden", step - 1),
            ExchangeExposed = Value("seconds/exchangeExposed", step - 1),
            Optimizer = Value("seconds/optimizer", step - 1),
            Checkpoint = Value("seconds/checkpoint", step - 1),
            Data = Value("seconds/data", step - 1),
        };
        Snapshot.Sigma.Clear();
        for (var layer = 0; layer < Layers; layer++)
        {
            var mean = Value($"sigma/{LayerName(layer)}", step - 1);
            Snapshot.Sigma.Add(new LayerSigma { Layer = LayerName(layer), Mean = mean, Min = mean * 0.6, Max = mean * 1.5 });
        }

        foreach (var worker in Snapshot.Workers)
        {
            worker.CommittedSteps = step;
            worker.StepSeconds = 0.052;
        }
    }

    public void Checkpoint()
    {
        Snapshot.Checkpoints.Add(new CheckpointSnapshot
        {
            CommittedSteps = Snapshot.CommittedSteps, Folder = $"checkpoints/step-{Snapshot.CommittedSteps:00000000}", Bytes = 7_864_320, UnixMs = Now,
        });
        Happen("checkpoint", $"step {Snapshot.CommittedSteps} is complete");
    }

    public void Happen(string kind, string text) => Snapshot.Events.Add(new JobEvent { UnixMs = Now, Kind = kind, Text = text });

    public void End(string status, string reason)
    {
        (Snapshot.Status, Snapshot.Reason) = (status, reason);
        Snapshot.EndedUnixMs = Now;
        Happen("state", $"{status} {reason}");
    }

    public void Complete()
    {
        Advance((uint)(Snapshot.TotalSteps - Snapshot.CommittedSteps));
        Snapshot.Metrics.Add(new Dictionary<string, double>
        {
            ["train/loss"] = Snapshot.Loss, ["eval/accuracy"] = 0.962 - (seed % 3 * 0.01), ["eval/noiseAccuracy"] = 0.941, ["eval/pgdAccuracy"] = 0.784 - (seed % 3 * 0.2),
        });
        Snapshot.WeightsSha256 = string.Concat(Enumerable.Repeat("3fa9c1d2", 8));
        End("completed", "");
    }

    public IReadOnlyList<MetricPoint> Series(string name, int points)
    {
        var stride = Math.Max(1, Snapshot.CommittedSteps / (ulong)points);
        var series = new List<MetricPoint>();
        for (ulong step = 0; step < Snapshot.CommittedSteps; step += stride)
        {
            series.Add(new(step, Value(name, step)));
        }

        return series;
    }

    private static string LayerName(int layer) => layer == 0 ? "input" : $"blocks.{layer - 1}";

    private long Now => Snapshot.StartedUnixMs + ((long)Snapshot.CommittedSteps * 52);

    private double Value(string name, ulong step)
    {
        var noise = (((((step + 1) * 0x9E3779B97F4A7C15UL) ^ ((ulong)(name.Length + (97 * seed)) * 0xBF58476D1CE4E5B9UL)) * 0x94D049BB133111EBUL >> 40) / (double)(1 << 24)) - 0.5;
        var part = (double)step / Snapshot.TotalSteps;
        var nll = 0.06 + (2.2 * Math.Exp(-5 * part)) + (0.12 * noise * Math.Exp(-2 * part));
        return name switch
        {
            "nll" => nll,
            "loss" => nll + 0.35 - (0.2 * part),
            "samplesPerSecond" => 4_920 + (420 * noise) - (step % 300 == 0 ? 900 : 0),
            "seconds/compute" => 0.041 + (0.004 * noise),
            "seconds/exchangeHidden" => 0.009 + (0.002 * noise),
            "seconds/exchangeExposed" => 0.005 + (0.004 * Math.Abs(noise)),
            "seconds/optimizer" => 0.003,
            "seconds/checkpoint" => step % 100 == 99 ? 0.004 : 0,
            "seconds/data" => 0.0006,
            _ => 0.1 + (0.018 * name[^1] % 0.2) + (0.14 * part * ((name[^1] % 5) - 1.5) / 3),
        };
    }
}
