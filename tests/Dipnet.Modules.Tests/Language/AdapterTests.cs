using Dipnet.Modules.Language;
using static TorchSharp.torch;

namespace Dipnet.Modules.Tests.Language;

public sealed class AdapterTests
{
    static readonly AdapterOptions s_options = new(4, 8, ["q_proj", "v_proj"]);

    [Theory]
    [InlineData("llama", "q_proj")]
    [InlineData("gpt2", "c_attn")]
    public void Attach_FreshAdapter_ChangesNoLogit(string type, string target)
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        using var model = SmallDecoders.Create(type);
        var before = model.call(SmallDecoders.Tokens());
        model.AttachAdapters(new AdapterOptions(4, 8, [target]), 3);
        Assert.True(Bits.Same(before, model.call(SmallDecoders.Tokens())));
    }

    [Fact]
    public void Attach_Model_TrainsAdaptersAndProjectionsAlone()
    {
        using var model = SmallDecoders.Create("qwen2", new ProjectionOptions(), s_options);
        var trained = model.named_parameters().Where(p => p.parameter.requires_grad).Select(p => p.name).ToList();
        Assert.Equal(2 * 2 * 2 + 3, trained.Count);
        Assert.All(trained, n => Assert.Matches(@"\.(q_proj|v_proj)\.lora_[AB]\.weight$|\.rho$", n));
    }

    [Fact]
    public void Attach_FewerTargets_GivesTheSameInitialValues()
    {
        using var both = SmallDecoders.Create("llama");
        using var one = SmallDecoders.Create("llama");
        both.AttachAdapters(s_options, 3);
        one.AttachAdapters(s_options with { Targets = ["self_attn.v_proj"] }, 3);
        var expected = both.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        var found = one.named_parameters().Where(p => p.name.EndsWith("v_proj.lora_A.weight", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, found.Count);
        Assert.All(found, p => Assert.True(Bits.Same(expected[p.name], p.parameter)));
        Assert.False(Bits.Same(found[0].parameter, found[1].parameter));
        Assert.InRange(found[0].parameter.abs().max().item<float>(), 0.1, 1 / Math.Sqrt(32));
    }

    [Fact]
    public void Attach_UnknownTarget_IsAnErrorThatListsTheLayers()
    {
        using var model = SmallDecoders.Create("llama");
        var message = Assert.Throws<ArgumentException>(() => model.AttachAdapters(s_options with { Targets = ["q_proj", "c_attn"] }, 3)).Message;
        Assert.Equal("Targets = c_attn: the model has no such layer; it has q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj", message);
        Assert.All(model.parameters(), p => Assert.True(p.requires_grad));
    }

    [Theory]
    [InlineData(0, 8, "Rank = 0: must be at least 1")]
    [InlineData(17, 8, "Rank = 17: must be at most 16, the narrower side of model.layers.0.self_attn.v_proj (32 → 16)")]
    [InlineData(4, 0, "Alpha = 0: must be finite and above 0")]
    public void Attach_WrongSetting_IsNamedWithItsRule(int rank, double alpha, string expected)
    {
        using var model = SmallDecoders.Create("llama");
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => model.AttachAdapters(new AdapterOptions(rank, alpha, s_options.Targets), 3)).Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Backward_FrozenParameters_GetNoGradient(bool checkpointing)
    {
        using var model = SmallDecoders.Create("llama", new ProjectionOptions(), s_options);
        model.CheckpointBlocks = checkpointing;
        Backward(model);
        Assert.All(model.named_parameters(), p => Assert.Equal(p.parameter.requires_grad, p.parameter.grad is not null));
        Assert.All(model.parameters().Where(p => p.requires_grad), p => Assert.True(p.grad!.abs().sum().item<float>() > 0));
    }

    // The embedding is frozen and, without projections, so is everything in front of the first adapter.
    [Theory]
    [InlineData("llama", "down_proj")]
    [InlineData("gpt2", "c_fc")]
    public void Backward_CheckpointedBehindFrozenParts_GivesTheSameBits(string type, string target)
    {
        using var plain = SmallDecoders.Create(type, adapters: new AdapterOptions(4, 8, [target]));
        using var checkpointed = SmallDecoders.Create(type, adapters: new AdapterOptions(4, 8, [target]));
        checkpointed.CheckpointBlocks = true;
        Backward(plain);
        Backward(checkpointed);
        var pairs = plain.parameters().Zip(checkpointed.parameters()).Where(p => p.First.requires_grad).ToList();
        Assert.Equal(4, pairs.Count);
        Assert.All(pairs, p => Assert.True(Bits.Same(p.First.grad!, p.Second.grad!)));
        Assert.All(pairs, p => Assert.True(p.First.grad!.abs().sum().item<float>() > 0));
    }

    [Theory]
    [InlineData(false, false, new[] { 8, 7, 6, 5, 4, 3, 2, 1 })]
    [InlineData(true, false, new[] { 8, 7, 6, 5, 4, 3, 2, 1 })]
    [InlineData(false, true, new[] { 8, 7, 6, 5, 4, 3, 2, 1 })]
    public void Tap_FrozenEmbedding_FiresForTheStagesBehindIt(bool checkpointing, bool projections, int[] expected)
    {
        using var model = SmallDecoders.Create("llama", projections ? new ProjectionOptions() : null, s_options);
        model.CheckpointBlocks = checkpointing;
        List<int> order = [];
        model.Tap = (i, x) => BackwardTap.Attach(x, stage =>
        {
            order.Add(stage);
            Assert.All(
                model.named_parameters().Where(p => p.parameter.requires_grad),
                p => Assert.Equal(StageIndex.Of(model, p.name) >= stage, p.parameter.grad is not null));
        }, i);
        Backward(model);
        BackwardTap.ThrowIfFailed();
        Assert.Equal(expected, order);
        Assert.All(model.parameters().Where(p => p.requires_grad), p => Assert.NotNull(p.grad));
    }

    static void Backward(DecoderModel model)
    {
        using var scope = NewDisposeScope();
        using var noise = NoiseScope.Begin(new NoiseKey(1, 2, 3));
        model.call(SmallDecoders.Tokens()).square().sum().backward();
        ActivationCheckpoint.ThrowIfFailed();
    }
}
