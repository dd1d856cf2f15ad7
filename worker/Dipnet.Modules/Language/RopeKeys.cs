using System.Text.Json.Nodes;

namespace Dipnet.Modules.Language;

/// <summary>Rotary position keys of config.json, in the older form (<c>rope_theta</c>, <c>rope_scaling</c>) and the newer (<c>rope_parameters</c>).</summary>
internal static class RopeKeys
{
    static readonly string[] s_known = ["default", "linear", "dynamic", "llama3", "yarn"];

    public static (double Theta, RopeScaling Scaling) Read(ConfigKeys keys, int context)
    {
        var section = keys.Section("rope_parameters") ?? keys.Section("rope_scaling");
        var theta = section?.OptionalNumber("rope_theta") ?? keys.Number("rope_theta", 10000);
        if (section is null)
        {
            return (theta, new RopeScaling());
        }
        var kind = section.Text("rope_type") ?? section.Text("type") ?? "default";
        if (!s_known.Contains(kind))
        {
            throw keys.Wrong("rope_scaling.rope_type", $"'{kind}' is not supported; supported are {string.Join(", ", s_known)}");
        }
        if (section.OptionalNumber("partial_rotary_factor") is { } partial && partial != 1)
        {
            throw keys.Wrong("rope_scaling.partial_rotary_factor", $"{partial} is not supported; supported is 1");
        }
        double Needed(string key) => section.OptionalNumber(key) ?? throw keys.Wrong($"rope_scaling.{key}", $"must be given for {kind}");
        if (kind == "default")
        {
            return (theta, new RopeScaling());
        }
        if (Needed("factor") is var factor && factor < 1)
        {
            throw keys.Wrong("rope_scaling.factor", $"{factor} must be at least 1");
        }
        var scaling = new RopeScaling
        {
            Kind = kind,
            Factor = factor,
            OriginalContext = kind == "llama3"
                ? (int)Needed("original_max_position_embeddings")
                : section.PositiveOr("original_max_position_embeddings", context),
        };
        return (theta, kind switch
        {
            "llama3" => scaling with { LowFrequencyFactor = Needed("low_freq_factor"), HighFrequencyFactor = Needed("high_freq_factor") },
            "yarn" => scaling with
            {
                BetaFast = section.Number("beta_fast", 32),
                BetaSlow = section.Number("beta_slow", 1),
                AttentionFactor = section.OptionalNumber("attention_factor"),
                MScale = section.OptionalNumber("mscale"),
                MScaleAllDimensions = section.OptionalNumber("mscale_all_dim"),
                Truncate = section.Flag("truncate", true),
            },
            _ => scaling,
        });
    }

    public static JsonObject? Format(RopeScaling scaling)
    {
        if (scaling.Kind == "default")
        {
            return null;
        }
        var section = new JsonObject { ["rope_type"] = scaling.Kind, ["factor"] = scaling.Factor };
        if (scaling.Kind != "linear")
        {
            section["original_max_position_embeddings"] = scaling.OriginalContext;
        }
        if (scaling.Kind == "llama3")
        {
            section["low_freq_factor"] = scaling.LowFrequencyFactor;
            section["high_freq_factor"] = scaling.HighFrequencyFactor;
        }
        if (scaling.Kind == "yarn")
        {
            section["beta_fast"] = scaling.BetaFast;
            section["beta_slow"] = scaling.BetaSlow;
            section["truncate"] = scaling.Truncate;
            AddIfGiven("attention_factor", scaling.AttentionFactor);
            AddIfGiven("mscale", scaling.MScale);
            AddIfGiven("mscale_all_dim", scaling.MScaleAllDimensions);
        }
        return section;

        void AddIfGiven(string key, double? value)
        {
            if (value is { } given)
            {
                section[key] = given;
            }
        }
    }
}
