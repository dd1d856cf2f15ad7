using Dipnet.Protos;

namespace Dipnet.Worker.Optimization;

/// <summary>
/// The learning rate's factor of a step, in [0, 1]: linear warm-up, then constant, linear or cosine down to the final fraction at the last step.
/// </summary>
internal static class LearningRate
{
    /// <param name="schedule">Kind, warm-up steps and final fraction.</param>
    /// <param name="step">0 is the first.</param>
    /// <param name="steps">Steps of the job.</param>
    /// <exception cref="ArgumentException">An unknown kind.</exception>
    public static double Factor(ScheduleSpec schedule, ulong step, ulong steps)
    {
        if (step < schedule.WarmupSteps)
        {
            return (step + 1.0) / schedule.WarmupSteps;
        }

        // The first step after the warm-up has the full rate, the last step of the job has the final fraction.
        var span = (double)steps - 1 - schedule.WarmupSteps;
        var done = span <= 0 ? 0 : Math.Min(1, (step - schedule.WarmupSteps) / span);
        var low = (double)schedule.FinalFraction;
        return schedule.Kind switch
        {
            "constant" => 1,
            "linear" => 1 + (low - 1) * done,
            "cosine" => low + (1 - low) * 0.5 * (1 + Math.Cos(Math.PI * done)),
            _ => throw new ArgumentException($"schedule.kind \"{schedule.Kind}\": must be constant, linear or cosine"),
        };
    }
}
