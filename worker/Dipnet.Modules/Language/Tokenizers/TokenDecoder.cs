using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>Turns tokens into text one by one: a character that spans tokens comes out with its last one. Not thread-safe.</summary>
public sealed class TokenDecoder(TextTokenizer tokenizer, bool special = false)
{
    readonly Decoder _utf8 = Encoding.UTF8.GetDecoder();
    bool _dropSpace = tokenizer.DropsFirstSpace;

    /// <summary>Text that is complete with this token; may be empty.</summary>
    public string Next(int id)
    {
        if (tokenizer.IsSpecial(id) && !special)
        {
            return "";
        }
        var bytes = tokenizer.Bytes(id).Span;
        if (_dropSpace && !tokenizer.IsSpecial(id))
        {
            _dropSpace = false;
            bytes = bytes is [(byte)' ', ..] ? bytes[1..] : bytes;
        }
        return Decode(bytes, flush: false);
    }

    /// <summary>What is left when no more tokens come: U+FFFD for an incomplete character, else nothing.</summary>
    public string End() => Decode([], flush: true);

    string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        var chars = new char[_utf8.GetCharCount(bytes, flush)];
        _utf8.GetChars(bytes, chars, flush);
        return new string(chars);
    }
}
