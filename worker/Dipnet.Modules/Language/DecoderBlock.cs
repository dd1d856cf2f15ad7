using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>One block: attention and feed-forward, each added to the residual stream. [b, t, width] → the same.</summary>
public abstract class DecoderBlock(string name) : nn.Module<Tensor, BlockContext, Tensor>(name)
{
    internal const string InputProjection = "projection";
    internal const string FeedForwardProjection = "feed_forward_projection";

    GaussianProjection? _input, _feedForward;

    /// <summary>Names of the modules of the feed-forward half, in the block.</summary>
    internal abstract IReadOnlyList<string> FeedForwardModules { get; }

    /// <summary>What the model's tap does with the feed-forward half's input; null: nothing.</summary>
    internal Func<Tensor, Tensor>? FeedForwardTap { get; set; }

    /// <summary>The block's linear layers, named as in files.</summary>
    public abstract IEnumerable<(string Name, Dense Layer)> Layers { get; }

    /// <summary>Fresh weights; <paramref name="deviation"/> of the layers, scaled down where they write to the residual stream.</summary>
    internal abstract void Initialize(double deviation, double residualDeviation, InitialValues values);

    internal void AddProjections(GaussianProjection input, GaussianProjection? feedForward)
    {
        (_input, _feedForward) = (input, feedForward);
        register_module(InputProjection, input);
        if (feedForward is not null)
        {
            register_module(FeedForwardProjection, feedForward);
        }
    }

    /// <summary>The block's input, projected where it is to be; else <paramref name="x"/> itself.</summary>
    private protected Tensor ProjectInput(Tensor x) => _input is null ? x : _input.call(x);

    /// <summary>The feed-forward half's input, tapped and projected where it is to be; else <paramref name="x"/> itself.</summary>
    private protected Tensor EnterFeedForward(Tensor x)
    {
        if (FeedForwardTap is { } tap)
        {
            x = tap(x);
        }
        return _feedForward is null ? x : _feedForward.call(x);
    }
}
