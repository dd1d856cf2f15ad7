namespace Dipnet.Modules.Language;

/// <summary>Low-rank adapters (LoRA, arXiv 2106.09685): y = x·Wᵀ + (alpha / rank) · (x·Aᵀ)·Bᵀ with W frozen.</summary>
/// <param name="Rank">Rows of A and columns of B; at least 1 and at most the narrower side of every layer that gets an adapter.</param>
/// <param name="Alpha">Above 0; the product is scaled by alpha / rank.</param>
/// <param name="Targets">Which linear layers: the last part or parts of their names, as the family's files have them: <c>q_proj</c>, <c>mlp.down_proj</c>, <c>c_attn</c>.</param>
public sealed record AdapterOptions(int Rank, double Alpha, IReadOnlyList<string> Targets)
{
    /// <summary>The factor of the product.</summary>
    public double Scale => Alpha / Rank;

    /// <summary>The layers that these options choose among a model's.</summary>
    /// <exception cref="ArgumentException">One line a setting that breaks its rule: name, value, rule; of an unknown target with what there is.</exception>
    internal IReadOnlyList<(int Index, string Name, Dense Layer)> Choose(IEnumerable<(string Name, Dense Layer)> layers)
    {
        var all = layers.Select(static (l, i) => (Index: i, l.Name, l.Layer)).ToList();
        var errors = new List<string>();
        void Require(bool holds, string name, object value, string rule)
        {
            if (!holds)
            {
                errors.Add($"{name} = {value}: {rule}");
            }
        }
        Require(Rank >= 1, nameof(Rank), Rank, "must be at least 1");
        Require(Alpha > 0 && double.IsFinite(Alpha), nameof(Alpha), Alpha, "must be finite and above 0");
        Require(Targets.Count > 0, nameof(Targets), "[]", $"must name at least one of {Known(all)}");
        foreach (var target in Targets.Where(t => !all.Exists(l => Matches(l.Name, t))))
        {
            Require(false, nameof(Targets), target, $"the model has no such layer; it has {Known(all)}");
        }
        var chosen = all.Where(l => Targets.Any(t => Matches(l.Name, t))).ToList();
        foreach (var (_, name, layer) in chosen.Where(l => Rank > Math.Min(l.Layer.Inputs, l.Layer.Outputs)).Take(1))
        {
            Require(false, nameof(Rank), Rank, $"must be at most {Math.Min(layer.Inputs, layer.Outputs)}, the narrower side of {name} ({layer.Inputs} → {layer.Outputs})");
        }
        return errors.Count == 0 ? chosen : throw new ArgumentException(string.Join(Environment.NewLine, errors));
    }

    /// <summary>Records compare lists by reference; here two lists of the same targets are equal.</summary>
    public bool Equals(AdapterOptions? other) =>
        other is not null && Rank == other.Rank && Alpha.Equals(other.Alpha) && Targets.SequenceEqual(other.Targets);

    public override int GetHashCode() => HashCode.Combine(Rank, Alpha, Targets.Count);

    static bool Matches(string name, string target) => name == target || name.EndsWith("." + target, StringComparison.Ordinal);

    static string Known(IEnumerable<(int Index, string Name, Dense Layer)> layers) =>
        string.Join(", ", layers.Select(static l => l.Name[(l.Name.LastIndexOf('.') + 1)..]).Distinct());
}
