using System.Globalization;
using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>
/// A text in which every character is one UTF-16 unit, for regular expressions that count and classify characters: one beyond U+FFFF is replaced by a rare
/// one of the same general category, as the expressions of tokenizers tell characters apart by category only.
/// </summary>
internal static class FlatText
{
    // By UnicodeCategory: Lu Ll Lt Lm Lo, Mn Mc Me, Nd Nl No, Zs Zl Zp, Cc Cf Cs Co, Pc Pd Ps Pe Pi Pf Po, Sm Sc Sk So, Cn.
    const string OfCategory = "\u00DE\u00FE\u01C5\u02B0\u05D0\u0300\u0903\u0488\u0660\u2160\u00B2\u3000\u2028\u2029\u0001\u200B\uD800\uE000\u203F\u2010\u2045\u2046\u2018\u2019\u2020\u00F7\u20A0\u02C2\u00A6\u0378";

    /// <summary>The flat text, and for each place in it (the end included) the place in the given one; null where the two are the same.</summary>
    public static (string Text, int[]? Offsets) Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            return (text, null);
        }
        var (flat, offsets, at) = (new StringBuilder(text.Length), new List<int>(text.Length + 1), 0);
        foreach (var rune in text.EnumerateRunes())
        {
            offsets.Add(at);
            flat.Append(rune.IsBmp ? text[at] : OfCategory[(int)Rune.GetUnicodeCategory(rune)]);
            at += rune.Utf16SequenceLength;
        }
        offsets.Add(at);
        return (flat.ToString(), [.. offsets]);
    }
}
