using Dipnet.Modules.Language;

namespace Dipnet.Worker.Language;

/// <summary>What a user asks <c>generate</c> for.</summary>
internal sealed record GenerationRequest
{
    /// <summary>Anything that <see cref="ModelSource.Open"/> takes.</summary>
    public required string Model { get; init; }

    /// <summary>File or folder; null: the model's own.</summary>
    public string? Tokenizer { get; init; }

    public required string Prompt { get; init; }

    public required GenerationOptions Options { get; init; }

    /// <summary>The prompt is a user's message for the model's chat template.</summary>
    public bool Chat { get; init; }

    /// <summary>One JSON object at the end instead of text.</summary>
    public bool Json { get; init; }

    /// <summary>The text alone.</summary>
    public bool Quiet { get; init; }

    public string Device { get; init; } = "auto";

    /// <summary>Of one operator; 0: <see cref="DecodeThreads.For"/>.</summary>
    public int Threads { get; init; }
}
