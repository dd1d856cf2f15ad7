using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Language;

public sealed class DecoderCheckpointingTests
{
    // Masks and rotary tables are gone from the forward's scope when backward needs them.
    [Theory]
    [InlineData("llama", false)]
    [InlineData("llama", true)]
    [InlineData("mistral", true)]
    [InlineData("gpt2", true)]
    public void Gradients_WithCheckpointing_AreTheSameBits(string type, bool documents)
    {
        using var plain = SmallDecoders.Create(type, new ProjectionOptions { Where = ProjectionPlace.Sublayers });
        using var checkpointed = SmallDecoders.Create(type, new ProjectionOptions { Where = ProjectionPlace.Sublayers });
        checkpointed.CheckpointBlocks = true;
        Backward(plain, documents);
        Backward(checkpointed, documents);
        Assert.All(plain.parameters().Zip(checkpointed.parameters()), p => Assert.True(Bits.Same(p.First.grad!, p.Second.grad!)));
        Assert.All(plain.parameters(), p => Assert.True(p.grad!.abs().sum().item<float>() > 0));
    }

    static void Backward(DecoderModel model, bool documents)
    {
        using var scope = NewDisposeScope();
        Tensor loss;
        using (NoiseScope.Begin(new NoiseKey(1, 2, 3)))
        using (var inner = NewDisposeScope())
        {
            var input = new DecoderInput(SmallDecoders.Tokens());
            if (documents)
            {
                input = input with { Documents = arange(20).div(7, RoundingMode.floor).to(ScalarType.Int64).expand(2, 20) };
            }
            loss = model.Head(model.Hidden(input)).square().sum().MoveToOuterDisposeScope();
        }
        loss.backward();
        ActivationCheckpoint.ThrowIfFailed();
    }
}
