using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>
/// llama2.c's tokenizer file: int32 longest piece, then for each token a float32 score, an int32 length and the piece. 0 is unknown, 1 begins, 2 ends a text,
/// 3 … 258 are the bytes. A space is put in front of a text; adjacent pieces with the highest score are merged.
/// </summary>
public sealed class Llama2cTokenizer : TextTokenizer
{
    const int FirstByte = 3;

    readonly byte[][] _pieces;
    readonly float[] _scores;
    readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    readonly string[] _texts;
    readonly PieceMerger _merger;

    Llama2cTokenizer(byte[][] pieces, float[] scores)
    {
        (_pieces, _scores) = (pieces, scores);
        // A byte never merges: its text is one that no piece begins with.
        _texts = [.. pieces.Select(static (p, i) => i < FirstByte + 256 ? "\0\0" : Encoding.UTF8.GetString(p))];
        for (var i = FirstByte + 256; i < pieces.Length; i++)
        {
            _ids.TryAdd(_texts[i], i);
        }
        _merger = new PieceMerger((left, right) => _ids.TryGetValue(_texts[left] + _texts[right], out var id) ? (id, -_scores[id]) : null);
        BeginToken = 1;
        EndTokens = [2, 1];      // a model trained on a stream of texts ends one by beginning the next
    }

    /// <exception cref="ModelFormatException">The file ends inside a token or has fewer tokens than the special ones and the bytes.</exception>
    public static Llama2cTokenizer Load(string path)
    {
        var file = File.ReadAllBytes(path);
        var (pieces, scores) = (new List<byte[]>(), new List<float>());
        var at = sizeof(int);
        while (at < file.Length)
        {
            var length = at + 8 <= file.Length ? BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at + 4)) : -1;
            if (length < 0 || length > file.Length - at - 8)
            {
                throw new ModelFormatException(path, $"token {pieces.Count} at byte {at} does not fit into the file ({file.Length} bytes)");
            }
            scores.Add(BinaryPrimitives.ReadSingleLittleEndian(file.AsSpan(at)));
            pieces.Add(file[(at + 8)..(at + 8 + length)]);
            at += 8 + length;
        }
        if (pieces.Count < FirstByte + 256)
        {
            throw new ModelFormatException(path, $"has {pieces.Count} tokens, a llama2.c tokenizer has at least {FirstByte + 256}");
        }
        for (var value = 0; value < 256; value++)
        {
            if (!pieces[FirstByte + value].AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"))))
            {
                throw new ModelFormatException(path, $"token {FirstByte + value} must be <0x{value:X2}>");
            }
            pieces[FirstByte + value] = [(byte)value];
        }
        return new Llama2cTokenizer([.. pieces], [.. scores]);
    }

    public override int VocabularySize => _pieces.Length;

    public override IReadOnlyDictionary<string, int> SpecialTokens { get; } = new Dictionary<string, int> { ["<s>"] = 1, ["</s>"] = 2 };

    public override bool DropsFirstSpace => true;

    public override ReadOnlyMemory<byte> Bytes(int id) =>
        id >= 0 && id < _pieces.Length ? _pieces[id] : throw new ArgumentOutOfRangeException(nameof(id), id, $"must be below {_pieces.Length}");

    public override bool IsSpecial(int id) => id < FirstByte;

    protected override void EncodePlain(string text, bool isFirst, List<int> ids)
    {
        if (text.Length == 0)
        {
            return;
        }
        var symbols = new List<int>(text.Length + 1);
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in (isFirst ? " " + text : text).EnumerateRunes())
        {
            if (_ids.TryGetValue(rune.ToString(), out var id))
            {
                symbols.Add(id);
            }
            else
            {
                foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
                {
                    symbols.Add(FirstByte + value);
                }
            }
        }
        var merged = symbols.ToArray();
        ids.AddRange(merged.AsSpan(0, _merger.Merge(merged)));
    }
}
