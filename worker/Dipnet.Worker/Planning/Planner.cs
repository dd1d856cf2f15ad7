using Dipnet.Exchange;
using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Optimization;
using Dipnet.Worker.Training;

namespace Dipnet.Worker.Planning;

/// <summary>Computes what a job needs. Pure but for reading the configuration and the tokenizer of a language model.</summary>
internal static class Planner
{
    /// <param name="job">Resolved.</param>
    /// <param name="devices">To give a step's time for.</param>
    /// <param name="gibPerSecond">Of the network, each way; null: not known.</param>
    /// <exception cref="ArgumentException">The job's keys do not fit its model.</exception>
    /// <exception cref="ModelFormatException">The model's or tokenizer's files are not what they should be.</exception>
    public static TrainingPlan Plan(JobSpec job, IEnumerable<Throughput> devices, double? gibPerSecond)
    {
        var model = Model(job);
        var workers = (int)Math.Max(1, Math.Min(job.Workers?.Count ?? 1, job.Microbatches));
        var microbatches = (int)job.Microbatches;
        var trained = model.Parameters.Where(static p => p.Trained).ToList();
        var layout = new ParameterLayout(trained.Select(static p => (p.Name, p.Shape, p.Group, p.Stage)));
        var batch = Batch(job, model, workers);
        var checkpointed = job.ActivationCheckpointing && model.Memory.Blocks > 0;
        var exchange = Exchange(job, layout, workers, microbatches);
        var compute = model.Flops.Step(checkpointed) * batch.RowsPerMicrobatch;
        var plan = new ComputePlan(compute * microbatches, compute * batch.MicrobatchesPerWorker);
        var memory = Memory(job, model, layout, batch, workers);
        return new TrainingPlan
        {
            Job = job.Name,
            Model = model.Description,
            Missing = model.Missing,
            Workers = workers,
            Precision = job.Precision,
            ActivationCheckpointing = checkpointed,
            Parameters = Count(model.Parameters),
            Batch = batch,
            Memory = memory,
            Exchange = exchange,
            CheckpointBytes = memory.TrainedParameters + memory.OptimizerState,
            Compute = plan,
            Times = [.. devices.Select(d => new StepTime(
                d.Device, d.Basis, d.TeraflopsPerSecond, plan.StepPerWorker / (d.TeraflopsPerSecond * 1e12), gibPerSecond is { } rate ? exchange.SentPerWorker / (rate * (1L << 30)) : null))],
        };
    }

    internal static PlannedModel Model(JobSpec job) => job.Model.Kind switch
    {
        "vit" => ImageModels.VisionTransformer(job),
        "mlp" => ImageModels.Perceptron(job),
        _ => DecoderModels.Plan(job),
    };

    internal static BatchPlan Batch(JobSpec job, PlannedModel model, int workers)
    {
        var trajectories = job.Dipnet is { Enabled: true } ? (int)job.Dipnet.Trajectories : 1;
        long samples = job.GlobalBatch / job.Microbatches;
        return new BatchPlan(
            job.GlobalBatch, (int)job.Microbatches, (int)(job.Microbatches + workers - 1) / workers, samples, trajectories, samples * trajectories * model.RowsPerSample);
    }

    private static ParameterCounts Count(IReadOnlyList<PlannedParameter> parameters)
    {
        var projections = parameters.Where(static p => p.Group == ParameterGroup.Projections).Sum(static p => p.Count);
        var total = parameters.Sum(static p => p.Count);
        var trained = parameters.Where(static p => p.Trained).Sum(static p => p.Count);
        return new ParameterCounts(total, total - projections, projections, trained, total - trained);
    }

    private static MemoryPlan Memory(JobSpec job, PlannedModel model, ParameterLayout layout, BatchPlan batch, int workers)
    {
        var buffer = layout.Elements * sizeof(float);
        var frozen = model.Parameters.Where(static p => !p.Trained).Sum(static p => p.Count) * sizeof(float);
        var moments = buffer * (FlatOptimizer.NeedsSecondMoment(job.Optimizer) ? 2 : 1);
        var slots = buffer * SlotsUsed(batch.Microbatches, workers);
        var arena = slots + buffer;
        // The sum of several workers, on its way to a GPU: there and in pinned memory.
        var sum = workers > 1 ? buffer : 0;
        var narrow = job.Precision == "bf16" ? 2 * model.MatrixElements : 0;
        var kept = model.Memory.Peak(checkpointing: false) * batch.RowsPerMicrobatch;
        var again = model.Memory.Peak(checkpointing: true) * batch.RowsPerMicrobatch;
        var activations = job.ActivationCheckpointing ? again : kept;
        return new MemoryPlan(
            buffer, frozen, moments, arena, narrow, kept, again, activations,
            CpuTotal: buffer + frozen + moments + arena + narrow + activations,
            DeviceTotal: buffer + frozen + moments + slots + sum + narrow + activations,
            HostTotal: buffer + moments + (workers > 1 ? arena + sum : 0));
    }

    // The most gradients that a worker holds at once, over its leaves in order.
    private static int SlotsUsed(int microbatches, int workers)
    {
        var most = 0;
        for (var rank = 0; rank < workers; rank++)
        {
            var sums = new LeafSums(microbatches);
            for (var leaf = rank * microbatches / workers; leaf < (rank + 1) * microbatches / workers; leaf++)
            {
                var target = sums.Begin(leaf);
                most = Math.Max(most, sums.Nodes.Count + (target.OntoNeighbour ? 0 : 1));
                sums.Finish(target);
            }
        }

        return most;
    }

    // Every worker sends each node of its own to the one that reduces a slice, and its reduced slice to all.
    private static ExchangePlan Exchange(JobSpec job, ParameterLayout layout, int workers, int microbatches)
    {
        var gradients = layout.Gradients(Math.Max(1, job.Exchange?.BucketMib ?? 25) * (1L << 20));
        var width = job.Exchange?.Wire == "bf16" ? 2 : sizeof(float);
        long most = 0, total = 0;
        for (var rank = 0; rank < workers; rank++)
        {
            var own = gradients.Buckets.Sum(b => gradients.Slice(b, rank, workers).Count);
            var sums = new LeafSums(microbatches);
            for (var leaf = rank * microbatches / workers; leaf < (rank + 1) * microbatches / workers; leaf++)
            {
                sums.Finish(sums.Begin(leaf));
            }

            var sent = width * (sums.Nodes.Count * (gradients.Elements - own) + (workers - 1) * own);
            most = Math.Max(most, sent);
            total += sent;
        }

        return new ExchangePlan(gradients.Buckets.Count, gradients.Buckets.Max(static b => b.Count) * sizeof(float), gradients.Elements * sizeof(float), most, total);
    }
}
