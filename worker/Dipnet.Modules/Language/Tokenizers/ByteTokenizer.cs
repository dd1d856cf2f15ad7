using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>
/// The UTF-8 bytes of a text as ids 0 … 255, 256 begins and 257 ends a text: for models that are trained from scratch without a tokenizer file.
/// </summary>
public sealed class ByteTokenizer : TextTokenizer
{
    public const int Begin = 256;
    public const int End = 257;

    static readonly byte[] Values = [.. Enumerable.Range(0, 256).Select(static v => (byte)v)];
    static readonly byte[] BeginName = "<|begin|>"u8.ToArray();
    static readonly byte[] EndName = "<|end|>"u8.ToArray();

    public ByteTokenizer()
    {
        BeginToken = Begin;
        EndTokens = [End];
    }

    public override int VocabularySize => 258;

    public override IReadOnlyDictionary<string, int> SpecialTokens { get; } =
        new Dictionary<string, int> { [Encoding.ASCII.GetString(BeginName)] = Begin, [Encoding.ASCII.GetString(EndName)] = End };

    public override ReadOnlyMemory<byte> Bytes(int id) => id switch
    {
        >= 0 and < 256 => Values.AsMemory(id, 1),
        Begin => BeginName,
        End => EndName,
        _ => throw new ArgumentOutOfRangeException(nameof(id), id, $"must be below {VocabularySize}"),
    };

    public override bool IsSpecial(int id) => id >= Begin;

    protected override void EncodePlain(string text, bool isFirst, List<int> ids)
    {
        foreach (var value in Encoding.UTF8.GetBytes(text))
        {
            ids.Add(value);
        }
    }
}
