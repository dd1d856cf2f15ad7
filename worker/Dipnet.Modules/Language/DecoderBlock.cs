using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>One block: attention and feed-forward, each added to the residual stream. [b, t, width] → the same.</summary>
public abstract class DecoderBlock(string name) : nn.Module<Tensor, BlockContext, Tensor>(name)
{
    internal const string InputProjection = "projection";
    internal const string FeedForwardProjection = "feed_forward_projection";

    GaussianProjection? _input, _feedForward;

    /// <summary>Modules of the stages behind the first, which has the rest: attention's output, the feed-forward half without its output, its output.</summary>
    internal abstract IReadOnlyList<IReadOnlyList<string>> LaterStages { get; }

    /// <summary>Called as <see cref="IStagedModel.Tap"/> with the inputs of stages 1 to 3 of this block.</summary>
    internal Func<int, Tensor, Tensor>? Tap { get; set; }

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
        x = Enter(2, x);
        return _feedForward is null ? x : _feedForward.call(x);
    }

    /// <summary>The input of a stage, tapped where it is to be; else <paramref name="x"/> itself.</summary>
    private protected Tensor Enter(int stage, Tensor x) => Tap is null ? x : Tap(stage, x);
}
