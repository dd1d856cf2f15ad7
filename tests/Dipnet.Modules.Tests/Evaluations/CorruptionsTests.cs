using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Evaluations;

public sealed class CorruptionsTests
{
    public static TheoryData<Corruption> Kinds => [.. Enum.GetValues<Corruption>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Apply_AnyKind_IsDeterministicInRangeAndGrowsWithSeverity(Corruption kind)
    {
        using var scope = torch.NewDisposeScope();
        var images = torch.full([16, 3, 12, 10], 0.3f);
        images[TensorIndex.Colon, TensorIndex.Colon, TensorIndex.Slice(3, 9), TensorIndex.Slice(2, 7)] = torch.tensor(0.8f);
        var key = new NoiseKey(1, 2, 3);
        float Distance(int severity) => (Corruptions.Apply(kind, severity, images, key) - images).abs().mean().item<float>();
        var corrupted = Corruptions.Apply(kind, 3, images, key);
        Assert.True(Bits.Same(corrupted, Corruptions.Apply(kind, 3, images, key)));
        Assert.Equal(images.shape, corrupted.shape);
        Assert.InRange(corrupted.min().item<float>(), 0f, 1f);
        Assert.InRange(corrupted.max().item<float>(), 0f, 1f);
        Assert.True(Distance(1) > 0);
        Assert.True(Distance(5) > Distance(1), $"{Distance(1)} … {Distance(5)}");
    }
}
