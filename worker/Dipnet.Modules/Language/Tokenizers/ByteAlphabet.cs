using System.Collections.Frozen;
using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>
/// GPT-2's printable stand-ins for the 256 bytes: printable Latin-1 characters stand for themselves, the others, in order, for U+0100 and on.
/// Source: Radford et al., "Language Models are Unsupervised Multitask Learners", 2019.
/// </summary>
internal static class ByteAlphabet
{
    static readonly char[] Characters = Make();
    static readonly FrozenDictionary<char, byte> Values = Characters.Select(static (c, i) => (c, i)).ToFrozenDictionary(static p => p.c, static p => (byte)p.i);

    public static char Character(byte value) => Characters[value];

    /// <summary>The bytes of a token's name; of a name outside the alphabet its UTF-8.</summary>
    public static byte[] Bytes(string name)
    {
        var bytes = new byte[name.Length];
        for (var i = 0; i < name.Length; i++)
        {
            if (!Values.TryGetValue(name[i], out bytes[i]))
            {
                return Encoding.UTF8.GetBytes(name);
            }
        }
        return bytes;
    }

    static char[] Make()
    {
        var characters = new char[256];
        var next = (char)256;
        for (var value = 0; value < 256; value++)
        {
            characters[value] = value is >= '!' and <= '~' or >= '¡' and <= '¬' or >= '®' and <= 'ÿ' ? (char)value : next++;
        }
        return characters;
    }
}
