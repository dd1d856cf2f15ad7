using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language.Generation;

/// <summary>Generation by the small pretrained model.</summary>
public sealed class TextGeneratorTests : IDisposable
{
    const string Prompt = "Once upon a time";

    readonly DecoderModel? _model;
    readonly TextTokenizer? _tokenizer;
    readonly int[] _reference = [];

    public TextGeneratorTests()
    {
        if (TestData.TryFind("stories260K/hf", out var folder) && TestData.TryFind("stories260K/tok512.bin", out var tokenizer)
            && TestData.TryFind("stories260K/greedy_ids.txt", out var ids))
        {
            (_model, _tokenizer) = (DecoderFolder.Load(folder), Llama2cTokenizer.Load(tokenizer));
            _reference = [.. File.ReadAllText(ids).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }
    }

    static GenerationOptions Greedy => new() { Temperature = 0 };

    public void Dispose() => _model?.Dispose();

    [Fact]
    public void TokenStream_Greedy_GivesTheReferenceTokenByToken()
    {
        if (_model is null)
        {
            return;
        }
        Assert.Equal(_reference.Skip(1), Tokens([1], Greedy with { MaxTokens = _reference.Length - 1 }));
    }

    [Fact]
    public void Complete_Greedy_GivesTheReferenceText()
    {
        if (_model is null || !TestData.TryFind("stories260K/greedy.txt", out var path))
        {
            return;
        }
        var text = Prompt + Generator(Greedy with { MaxTokens = 255 }).Complete(Prompt);
        Assert.StartsWith(File.ReadAllText(path).TrimEnd(), text, StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_SameSeed_GivesTheSameTextAgain()
    {
        if (_model is null)
        {
            return;
        }
        var options = new GenerationOptions { MaxTokens = 40, TopP = 0.9, Seed = 3 };
        var text = Generator(options).Complete(Prompt);
        Assert.Equal(text, Generator(options).Complete(Prompt));
        Assert.NotEqual(text, Generator(options with { Seed = 4 }).Complete(Prompt));
    }

    [Theory]
    [InlineData(" named Lily", ", there was a little girl")]
    [InlineData("She", ", there was a little girl named Lily. ")]
    public void Complete_StopText_EndsRightBeforeIt(string stop, string expected)
    {
        if (_model is null)
        {
            return;
        }
        using var text = Generator(Greedy with { Stop = [stop, "never comes"] }).Begin(Prompt);
        var pieces = Pieces(text);
        Assert.Equal(expected, string.Concat(pieces));
        Assert.Equal(FinishReason.StopText, text.Finish);
    }

    [Fact]
    public void Begin_ContextFull_EndsThereAndSaysSo()
    {
        if (_model is null)
        {
            return;
        }
        using var text = Generator(Greedy with { MaxTokens = 100 }).Begin([.. _reference[..250], .. _reference[1..251]]);
        Pieces(text);
        Assert.Equal((FinishReason.Context, 12), (text.Finish, text.NewTokens));
    }

    [Fact]
    public void Begin_PromptFillsTheContext_IsAnErrorThatNamesBoth()
    {
        if (_model is null)
        {
            return;
        }
        var error = Assert.Throws<ArgumentException>(() => Generator(Greedy).Begin(Enumerable.Repeat(403, 512).ToArray()));
        Assert.Contains("512 tokens: must be below the model's context of 512", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TokenStream_EndToken_EndsWithoutGivingIt()
    {
        if (_model is null)
        {
            return;
        }
        using var stream = new TokenStream(_model, _reference[..5], Greedy, [_reference[8]]);
        Assert.Equal(_reference[5..8], All(stream));
        Assert.Equal(FinishReason.EndToken, stream.Finish);
    }

    [Fact]
    public void TokenStream_Sampled_DoesNotDependOnWhatIsPrompt()
    {
        if (_model is null)
        {
            return;
        }
        _model.AddProjections(new ProjectionOptions { Sigma = 0.15f, Where = ProjectionPlace.Sublayers });
        var options = Greedy with { Trajectories = 3, Seed = 9, MaxTokens = 30 };
        var tokens = Tokens(_reference[..5], options);
        Assert.NotEqual(Tokens(_reference[..5], options with { Trajectories = 0 }), tokens);
        Assert.NotEqual(Tokens(_reference[..5], options with { Seed = 10 }), tokens);
        Assert.Equal(tokens, Tokens(_reference[..5], options));
        // The noise belongs to the position: a longer prompt, run at once, draws what single tokens drew.
        Assert.Equal(tokens[12..], Tokens([.. _reference[..5], .. tokens[..12]], options with { MaxTokens = 18 }));
    }

    [Fact]
    public void TokenStream_MeanMode_IsTheModelWithoutProjections()
    {
        if (_model is null)
        {
            return;
        }
        _model.AddProjections(new ProjectionOptions { Sigma = 1 });
        using var outer = NoiseScope.Begin(new NoiseKey(1, 0, 0));
        Assert.Equal(_reference[1..30], Tokens([1], Greedy with { MaxTokens = 29 }));
    }

    [Fact]
    public void TokenStream_Run_LeavesNoTensors()
    {
        if (_model is null)
        {
            return;
        }
        Tokens([1], Greedy with { MaxTokens = 2 });
        var before = LiveTensors.Count();
        Tokens([1], Greedy with { MaxTokens = 5 });
        Assert.Equal(before, LiveTensors.Count());
    }

    [Fact]
    public void Options_Wrong_AreAllNamed()
    {
        var wrong = new GenerationOptions { MaxTokens = 0, Temperature = -1, TopK = -1, TopP = 0, Trajectories = -1, Stop = [""] };
        var message = Assert.Throws<ArgumentException>(wrong.Validated).Message;
        Assert.All(["MaxTokens = 0", "Temperature = -1", "TopK = -1", "TopP = 0", "Trajectories = -1", "Stop"], name => Assert.Contains(name, message, StringComparison.Ordinal));
    }

    TextGenerator Generator(GenerationOptions options) => new(_model!, _tokenizer!, options);

    int[] Tokens(IReadOnlyList<int> prompt, GenerationOptions options)
    {
        using var stream = new TokenStream(_model!, prompt, options, []);
        return All(stream);
    }

    static int[] All(TokenStream stream)
    {
        var tokens = new List<int>();
        while (stream.TryNext(out var token))
        {
            tokens.Add(token);
        }
        return [.. tokens];
    }

    static List<string> Pieces(TextContinuation text)
    {
        var pieces = new List<string>();
        while (text.TryNext(out var piece))
        {
            pieces.Add(piece);
        }
        return pieces;
    }
}
