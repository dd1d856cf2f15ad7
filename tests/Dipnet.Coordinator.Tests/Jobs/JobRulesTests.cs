using Dipnet.Coordinator.Jobs;
using Dipnet.Protos;
using Xunit;

namespace Dipnet.Coordinator.Tests.Jobs;

public sealed class JobRulesTests
{
    [Fact]
    public void Validate_ResolvedJob_HasNoErrors()
    {
        Assert.Empty(JobRules.Validate(JobFile.Parse("", "a.yaml", []).Job!));
    }

    [Fact]
    public void Validate_EmptyMessage_NamesManyRulesAndNeverThrows()
    {
        var errors = JobRules.Validate(new JobSpec());

        Assert.Contains(errors, error => error.Key == "model.kind");
        Assert.Contains(errors, error => error.Key == "microbatches");
        Assert.Contains(errors, error => error.Key == "optimizer.weights.learning-rate");
    }

    [Fact]
    public void Validate_NotANumber_IsRefused()
    {
        var job = JobFile.Parse("", "a.yaml", []).Job!;
        job.Dipnet.Alpha = float.NaN;

        Assert.Equal("job: dipnet.alpha = NaN: must be a number, 0 … 1000000", Assert.Single(JobRules.Validate(job)).ToString());
    }
}
