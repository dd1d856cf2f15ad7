using Dipnet.Protos;
using Dipnet.Worker.Optimization;

namespace Dipnet.Worker.Training;

/// <summary>The end of a step: norms of the summed gradient, clipping by the weights' norm, the update by the schedule. Training thread only.</summary>
internal sealed class StepUpdate(JobSpec job, ParameterLayout layout, TrainingMemory memory, Drill drill)
{
    /// <summary>Applies a step's gradient and reports norms, of the mean over the microbatches, and the learning rate.</summary>
    /// <exception cref="NonFiniteException">The gradient is not finite; nothing is changed.</exception>
    public void Apply(ReducedGradient gradient, ulong step, int rank, StepReport report)
    {
        var (weights, projections) = memory.Update.SumsOfSquares(gradient);
        var mean = 1.0 / job.Microbatches;
        report.WeightsNorm = Math.Sqrt(weights) * mean;
        report.ProjectionsNorm = Math.Sqrt(projections) * mean;
        if (!double.IsFinite(report.WeightsNorm) || !double.IsFinite(report.ProjectionsNorm))
        {
            if (gradient.Slot is { } slot)
            {
                // Only here the host looks at what a lone worker's device has summed up.
                memory.Staging.Publish([slot], 0, layout.Elements, () => { });
                memory.Staging.Drain();
            }

            throw new NonFiniteException(step, NonFiniteLocator.Gradient(layout, gradient.Spans), "the summed gradient is not finite");
        }

        var clip = job.Optimizer.ClipNorm > 0 && report.WeightsNorm > job.Optimizer.ClipNorm ? job.Optimizer.ClipNorm / report.WeightsNorm : 1;
        var factor = LearningRate.Factor(job.Schedule, step, job.Steps);
        report.LearningRate = (float)(job.Optimizer.Weights.LearningRate * factor);
        drill.At(rank, step, DrillPhase.Optimizer);
        memory.Update.Step(gradient, step, factor, (float)(mean * clip), (float)mean);
    }
}
