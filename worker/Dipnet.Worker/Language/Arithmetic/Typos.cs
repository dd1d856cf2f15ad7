using System.Text;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>Slips of a typist: two letters swapped, one left out, one doubled, a neighbouring key hit. Digits, spaces and punctuation stay.</summary>
internal static class Typos
{
    /// <summary>2⁻⁵³: makes 53 random bits a number in [0, 1).</summary>
    private const double Unit = 1.0 / (1L << 53);

    private static readonly string[] Rows = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

    /// <param name="text">Any text.</param>
    /// <param name="seed">The slips are a function of it and the text.</param>
    /// <param name="rate">Chance of a slip at each letter, 0 … 1.</param>
    public static string Apply(string text, ulong seed, double rate)
    {
        if (rate is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "rate of typos must be 0 … 1");
        }

        var (chance, kind) = (new CounterHash(seed, 0x5459504FUL), new CounterHash(seed, 0x4B494E44UL));
        var result = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (!char.IsAsciiLetter(letter) || (chance[(ulong)i] >> 11) * Unit >= rate)
            {
                result.Append(letter);
                continue;
            }

            switch (kind.Below(4, 2 * (ulong)i))
            {
                case 0 when i + 1 < text.Length && char.IsAsciiLetter(text[i + 1]):
                    result.Append(text[i + 1]).Append(letter);
                    i++;
                    break;
                case 1:
                    break;
                case 2:
                    result.Append(letter).Append(letter);
                    break;
                default:
                    result.Append(Neighbour(letter, kind.Below(2, (2 * (ulong)i) + 1)));
                    break;
            }
        }

        return result.ToString();
    }

    /// <summary>The key left or right of a letter; at the end of a row the only one.</summary>
    private static char Neighbour(char letter, int side)
    {
        var row = Rows.First(r => r.Contains(char.ToLowerInvariant(letter)));
        var at = row.IndexOf(char.ToLowerInvariant(letter));
        var key = row[at == 0 ? 1 : at == row.Length - 1 ? at - 1 : at - 1 + (2 * side)];
        return char.IsUpper(letter) ? char.ToUpperInvariant(key) : key;
    }
}
