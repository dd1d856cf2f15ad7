using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>
/// Unicode normalization form C (UAX #15), from an embedded table: the run time's own <c>string.Normalize</c> returns its input unchanged in the
/// invariant globalization mode that the programs run in.
/// </summary>
internal static class CanonicalComposition
{
    const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    const int Leads = 19, Vowels = 21, Trails = 28;

    static readonly CanonicalTable Table = CanonicalTable.Load();

    public static string Compose(string text)
    {
        // Nothing below U+0300 combines or is composed differently.
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u02FF'))
        {
            return text;
        }
        var runes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, runes);
        }
        Order(runes);
        var composed = new StringBuilder(text.Length);
        foreach (var value in Join(runes))
        {
            composed.Append(new Rune(value).ToString());
        }
        return composed.ToString();
    }

    static void Decompose(int value, List<int> runes)
    {
        if (value - HangulBase is >= 0 and < Leads * Vowels * Trails and var syllable)
        {
            runes.Add(LeadBase + syllable / (Vowels * Trails));
            runes.Add(VowelBase + syllable / Trails % Vowels);
            if (syllable % Trails != 0)
            {
                runes.Add(TrailBase + syllable % Trails);
            }
        }
        else if (Table.Decompositions.TryGetValue(value, out var parts))
        {
            foreach (var part in parts)
            {
                Decompose(part, runes);
            }
        }
        else
        {
            runes.Add(value);
        }
    }

    // Marks that follow each other stand in the order of their classes; equal classes keep their order.
    static void Order(List<int> runes)
    {
        for (var i = 1; i < runes.Count; i++)
        {
            var (value, kind) = (runes[i], Table.Class(runes[i]));
            var at = i;
            for (; kind != 0 && at > 0 && Table.Class(runes[at - 1]) > kind; at--)
            {
                runes[at] = runes[at - 1];
            }
            runes[at] = value;
        }
    }

    static List<int> Join(List<int> runes)
    {
        var joined = new List<int>(runes.Count);
        var (starter, last) = (-1, 0);      // place of the last starter in joined; class of what follows it so far
        foreach (var value in runes)
        {
            var kind = Table.Class(value);
            var adjacent = starter >= 0 && joined.Count == starter + 1;
            if (starter >= 0 && (adjacent || last < kind) && Pair(joined[starter], value) is { } pair)
            {
                joined[starter] = pair;
                continue;
            }
            if (kind == 0)
            {
                starter = joined.Count;
            }
            last = kind;
            joined.Add(value);
        }
        return joined;
    }

    static int? Pair(int first, int second)
    {
        if (first - LeadBase is >= 0 and < Leads and var lead && second - VowelBase is >= 0 and < Vowels and var vowel)
        {
            return HangulBase + (lead * Vowels + vowel) * Trails;
        }
        if (first - HangulBase is >= 0 and < Leads * Vowels * Trails and var syllable && syllable % Trails == 0
            && second - TrailBase is > 0 and < Trails and var trail)
        {
            return first + trail;
        }
        return Table.Compositions.TryGetValue((first, second), out var composed) ? composed : null;
    }

    sealed class CanonicalTable(FrozenDictionary<int, int[]> decompositions, FrozenDictionary<(int, int), int> compositions, FrozenDictionary<int, byte> classes)
    {
        public FrozenDictionary<int, int[]> Decompositions => decompositions;

        public FrozenDictionary<(int, int), int> Compositions => compositions;

        public int Class(int value) => value < 0x300 ? 0 : classes.GetValueOrDefault(value);

        public static CanonicalTable Load()
        {
            var (decompositions, compositions, classes) = (new Dictionary<int, int[]>(), new Dictionary<(int, int), int>(), new Dictionary<int, byte>());
            using var reader = new StreamReader(typeof(CanonicalComposition).Assembly.GetManifestResourceStream("canonical.txt")!);
            while (reader.ReadLine() is { } line)
            {
                if (line[0] == '#')
                {
                    continue;
                }
                if (line.Split('=') is [var left, var right])
                {
                    var (value, parts) = (Hex(left.TrimStart('!')), Array.ConvertAll(right.Split(' '), Hex));
                    decompositions.Add(value, parts);
                    if (left[0] != '!')
                    {
                        compositions.Add((parts[0], parts[1]), value);
                    }
                }
                else if (line.Split('-', ':') is [var from, var to, var kind])
                {
                    for (var value = Hex(from); value <= Hex(to); value++)
                    {
                        classes.Add(value, byte.Parse(kind, CultureInfo.InvariantCulture));
                    }
                }
            }
            return new CanonicalTable(decompositions.ToFrozenDictionary(), compositions.ToFrozenDictionary(), classes.ToFrozenDictionary());
        }

        static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
