using System.Globalization;

namespace Dipnet.Modules.Language;

/// <summary>Numbers as Python writes them.</summary>
internal static class TemplateNumbers
{
    // 17 significant digits give every double back.
    const int MostDecimals = 16;

    /// <summary>The shortest digits that give the number back; with an exponent below 10⁻⁴ and from 10¹⁶ on.</summary>
    public static string Real(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }
        var decimals = 0;
        while (decimals < MostDecimals && double.Parse(Scientific(number, decimals), CultureInfo.InvariantCulture) != number)
        {
            decimals++;
        }
        var parts = Scientific(number, decimals).Split('E');
        var exponent = int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        return exponent is < -4 or >= 16
            ? $"{parts[0]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}"
            : number.ToString($"F{Math.Max(1, decimals - exponent)}", CultureInfo.InvariantCulture);
    }

    static string Scientific(double number, int decimals) => number.ToString($"E{decimals}", CultureInfo.InvariantCulture);
}
