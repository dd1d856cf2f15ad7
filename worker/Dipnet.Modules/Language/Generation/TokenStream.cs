using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>
/// Continues a sequence of tokens one by one with a key-value cache. A pure function of model, prompt and options: projections draw noise by (seed, trajectory,
/// layer, position), tokens by (seed, position). Not thread-safe; the model must not change meanwhile.
/// </summary>
public sealed class TokenStream : IDisposable
{
    readonly DecoderModel _model;
    readonly GenerationOptions _options;
    readonly HashSet<int> _ends;
    readonly KeyValueCache _cache;
    readonly TokenSampler _sampler;
    readonly Device _device;
    readonly long[] _row;
    readonly int _rows, _longest;
    readonly float[] _scores;
    long[] _new;

    /// <param name="model">With or without projections, on any device.</param>
    /// <param name="prompt">At least one token.</param>
    /// <param name="options">Stop texts are not looked at.</param>
    /// <param name="endTokens">Tokens that end the sequence, besides those of the model's configuration.</param>
    /// <exception cref="ArgumentException">An option breaks its rule, the prompt is empty, has an unknown token or leaves no room for another in the context.</exception>
    public TokenStream(DecoderModel model, IReadOnlyList<int> prompt, GenerationOptions options, IReadOnlyList<int> endTokens)
    {
        (_model, _options) = (model, options.Validated());
        var context = Context(model.Config);
        if (prompt.Count == 0)
        {
            throw new ArgumentException("the prompt has no tokens; a model needs at least one to go on from", nameof(prompt));
        }
        if (prompt.Count >= context)
        {
            throw new ArgumentException($"the prompt has {prompt.Count} tokens: must be below the model's context of {context}", nameof(prompt));
        }
        foreach (var token in prompt.Where(t => t < 0 || t >= model.Config.VocabularySize))
        {
            throw new ArgumentException($"token {token} of the prompt is outside the model's vocabulary of {model.Config.VocabularySize}; is the tokenizer this model's?", nameof(prompt));
        }
        _ends = [.. endTokens, .. model.Config.EndTokens];
        _longest = (int)Math.Min(context, (long)prompt.Count + options.MaxTokens);
        PromptTokens = prompt.Count;
        _row = [.. prompt.Select(static t => (long)t)];
        _new = _row;
        _rows = model.Projections.Count > 0 ? Math.Max(1, options.Trajectories) : 1;
        _device = model.parameters().First().device;
        _cache = new KeyValueCache(model.Config, _rows, _longest, _device);
        _sampler = new TokenSampler(options);
        _scores = new float[model.Config.VocabularySize];
    }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; }

    /// <summary>Tokens given so far; an end token is not among them.</summary>
    public int NewTokens { get; private set; }

    /// <summary>Null while there may be more.</summary>
    public FinishReason? Finish { get; private set; }

    /// <summary>The next token; false at the end.</summary>
    /// <exception cref="ArithmeticException">The model's scores are not numbers.</exception>
    public bool TryNext(out int token)
    {
        token = -1;
        if (Finish is not null)
        {
            return false;
        }
        if (NewTokens == _options.MaxTokens || PromptTokens + NewTokens == _longest)
        {
            Finish = NewTokens == _options.MaxTokens ? FinishReason.MaxTokens : FinishReason.Context;
            return false;
        }
        Run();
        token = _sampler.Choose(_scores, PromptTokens + NewTokens);
        if (_ends.Contains(token))
        {
            Finish = FinishReason.EndToken;
            return false;
        }
        NewTokens++;
        _new = [token];
        return true;
    }

    public void Dispose() => _cache.Dispose();

    // Runs the tokens that the model has not seen and leaves the scores of the next one.
    void Run()
    {
        using var guard = no_grad();
        using var scope = NewDisposeScope();
        var (first, count) = (_cache.Length, _new.Length);
        var tokens = tensor(_new, device: _device).unsqueeze(0);
        Tensor last;
        using (Noise(first))
        {
            var hidden = _model.Hidden(new DecoderInput(_rows == 1 ? tokens : tokens.expand(_rows, count)), _cache);
            last = count == 1 ? hidden : hidden.narrow(1, count - 1, 1);
        }
        using (Noise(first + count - 1))
        {
            var logits = _model.Head(last).view(_rows, _scores.Length);
            var scores = _rows == 1 ? logits : Prediction.Average(Objective.LogProbabilities(logits), _rows);
            scores.to(ScalarType.Float32).cpu().data<float>().CopyTo(_scores);
        }
    }

    NoiseScope Noise(long position) => _options.Trajectories == 0
        ? NoiseScope.Silence()
        : NoiseScope.Begin(TokenNoise.Projections(_options.Seed), _rows, firstPosition: position);

    /// <summary>Dynamic rotary positions reach beyond the configured context.</summary>
    static int Context(DecoderConfig config) =>
        config.RopeScaling.Kind == "dynamic" ? (int)Math.Min(int.MaxValue, config.Context * config.RopeScaling.Factor) : config.Context;
}
