namespace Dipnet.Modules.Language;

/// <summary>Why a continuation ended.</summary>
public enum FinishReason
{
    /// <summary>The model gave a token that ends texts.</summary>
    EndToken,

    /// <summary>A stop text came up.</summary>
    StopText,

    /// <summary><see cref="GenerationOptions.MaxTokens"/> are given.</summary>
    MaxTokens,

    /// <summary>The model's context is full.</summary>
    Context,
}
