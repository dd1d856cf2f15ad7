using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Dipnet.Worker.Language;

/// <summary>Finds the number that a text gives as its answer.</summary>
internal static partial class AnswerExtraction
{
    private const string Mark = "####";

    /// <summary>
    /// The number behind the first <c>####</c> when there is one, else the last number of the text, in one form: no commas, no <c>+</c>, no zeros in front or
    /// behind the point (<c>1,234.50</c> is <c>1234.5</c>, <c>18.0</c> is <c>18</c>). Null: no number.
    /// </summary>
    public static string? Number(string text)
    {
        var mark = text.IndexOf(Mark, StringComparison.Ordinal);
        if (mark >= 0 && Pattern().Match(text, mark + Mark.Length) is { Success: true } marked)
        {
            return Plain(marked.Value);
        }

        var found = Pattern().Matches(mark >= 0 ? text[..mark] : text);
        return found.Count > 0 ? Plain(found[^1].Value) : null;
    }

    private static string Plain(string number)
    {
        var negative = number[0] == '-';
        var parts = number.TrimStart('-', '+', '$').Replace(",", "", StringComparison.Ordinal).Split('.');
        var whole = parts[0].Length == 0 ? "0" : BigInteger.Parse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        var fraction = parts.Length > 1 ? parts[1].TrimEnd('0') : "";
        var value = fraction.Length > 0 ? $"{whole}.{fraction}" : whole;
        return negative && value != "0" ? "-" + value : value;
    }

    // A sign counts where no digit, letter or bracket stands before it: "5-3" ends in 3, not in -3. Commas part groups of three.
    [GeneratedRegex(@"(?:(?<![\w)\]])[-+]\$?)?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<![\w.])\.\d+", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
