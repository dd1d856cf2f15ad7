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

    [Theory]
    [InlineData("vit", null)]
    [InlineData("mlp", null)]
    [InlineData("llama", "model.kind = llama: jobs train vit and mlp; language models are a library so far")]
    public void Untrainable_KindOfModel_IsRefusedByName(string kind, string? refusal)
    {
        var job = JobFile.Parse("", "a.yaml", []).Job!;
        job.Model.Kind = kind;

        Assert.Equal(refusal, JobRules.Untrainable(job));
    }

    [Fact]
    public void Validate_NotANumber_IsRefused()
    {
        var job = JobFile.Parse("", "a.yaml", []).Job!;
        job.Dipnet.Alpha = float.NaN;

        Assert.Equal("job: dipnet.alpha = NaN: must be a number, 0 … 1000000", Assert.Single(JobRules.Validate(job)).ToString());
    }
}
