using static TorchSharp.torch;

namespace Dipnet.Modules.Language;

/// <summary>A batch of token sequences of one length.</summary>
/// <param name="Tokens">int64 [b, t].</param>
/// <param name="Documents">Number of the document that each token belongs to, int64 [b, t]: tokens see their own document only. Null: one a row.</param>
/// <param name="Positions">Place of each token in its document, int64 [b, t], for models with learned positions. Null: place in the row.</param>
public sealed record DecoderInput(Tensor Tokens, Tensor? Documents = null, Tensor? Positions = null);
