using Google.Protobuf;

namespace Dipnet.Modules.Language;

/// <summary>The parts of a SentencePiece model (sentencepiece_model.proto) that the encoding library does not show.</summary>
/// <param name="Pieces">By id: text and kind.</param>
internal sealed record SentencePieceFile(IReadOnlyList<(string Text, SentencePieceFile.Kind Kind)> Pieces)
{
    internal enum Kind
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
        UserDefined = 4,
        Unused = 5,
        Byte = 6,
    }

    /// <summary>Id of a piece; null: no such piece.</summary>
    public int? IdOf(string text) => Pieces.Select(static (p, i) => (p.Text, Id: i)).Where(p => p.Text == text).Select(static p => (int?)p.Id).FirstOrDefault();

    // Field numbers and wire types of ModelProto: pieces = 1; of SentencePiece: piece = 1, type = 3.
    const uint PiecesTag = 1 << 3 | 2, TextTag = 1 << 3 | 2, KindTag = 3 << 3;

    /// <exception cref="ModelFormatException">Not a SentencePiece model.</exception>
    public static SentencePieceFile Parse(byte[] content, string path)
    {
        var pieces = new List<(string, Kind)>();
        try
        {
            var model = new CodedInputStream(content);
            while (model.ReadTag() is not 0 and var tag)
            {
                if (tag == PiecesTag)
                {
                    pieces.Add(Piece(model.ReadBytes().CreateCodedInput()));
                }
                else
                {
                    model.SkipLastField();
                }
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelFormatException(path, $"is not a SentencePiece model: {e.Message}");
        }
        return pieces.Count > 0 ? new SentencePieceFile(pieces) : throw new ModelFormatException(path, "is not a SentencePiece model: it has no pieces");
    }

    static (string, Kind) Piece(CodedInputStream message)
    {
        var (text, kind) = ("", Kind.Normal);
        while (message.ReadTag() is not 0 and var tag)
        {
            switch (tag)
            {
                case TextTag:
                    text = message.ReadString();
                    break;
                case KindTag:
                    kind = (Kind)message.ReadEnum();
                    break;
                default:
                    message.SkipLastField();
                    break;
            }
        }
        return (text, kind);
    }
}
