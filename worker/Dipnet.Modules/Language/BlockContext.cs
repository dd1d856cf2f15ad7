using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>What every block of one forward pass shares.</summary>
/// <param name="Cosine">Rotary rows of these tokens, [length, 1, half]; null for learned positions.</param>
/// <param name="Sine">As <paramref name="Cosine"/>.</param>
/// <param name="Mask">True where a token may look, bool [b or 1, 1, length, past + length]; null: causal, or everything for a single new token.</param>
/// <param name="WindowMask">As <paramref name="Mask"/>, for layers with a sliding window; null: the same as <paramref name="Mask"/>.</param>
/// <param name="Cache">Keys and values of the tokens before; null in training.</param>
public sealed record BlockContext(Tensor? Cosine, Tensor? Sine, Tensor? Mask, Tensor? WindowMask, KeyValueCache? Cache)
{
    /// <summary>The tensors that are there, in order of the parameters.</summary>
    internal IReadOnlyList<Tensor> Tensors => [.. ((Tensor?[])[Cosine, Sine, Mask, WindowMask]).OfType<Tensor>()];

    /// <summary>This context with other tensors for those of <see cref="Tensors"/>.</summary>
    internal BlockContext With(IReadOnlyList<Tensor> tensors)
    {
        var next = 0;
        Tensor? Next(Tensor? old) => old is null ? null : tensors[next++];
        return new BlockContext(Next(Cosine), Next(Sine), Next(Mask), Next(WindowMask), Cache);
    }
}
