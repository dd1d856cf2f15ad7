namespace Dipnet.Modules.Language;

/// <summary>A byte-pair encoding as a file gives it.</summary>
/// <param name="File">Named in errors.</param>
/// <param name="Vocabulary">Piece to id.</param>
/// <param name="Merges">Pairs of pieces, the one to merge first in front.</param>
internal sealed record BytePairs(string File, IReadOnlyDictionary<string, int> Vocabulary, IReadOnlyList<(string Left, string Right)> Merges)
{
    /// <summary>A word that is itself a piece is that token, whatever the merges would make of it.</summary>
    public bool WholeWordsFirst { get; init; }

    /// <summary>A character without a piece becomes the pieces &lt;0x00&gt; … &lt;0xFF&gt; of its bytes.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Stands for a character that has no piece; null: none.</summary>
    public int? Unknown { get; init; }

    /// <summary>Unknown characters side by side are one token.</summary>
    public bool FuseUnknown { get; init; }
}
