using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dipnet.Modules.Language;

/// <summary>Reads and writes PEFT's <c>adapter_config.json</c>. What it cannot honour it refuses by name.</summary>
internal static class AdapterConfigFile
{
    public const string FileName = "adapter_config.json";

    /// <exception cref="ModelFormatException">A key is missing, wrong, or asks for something that is not supported.</exception>
    public static AdapterOptions Read(string path, DecoderFamily family)
    {
        var keys = Open(path);
        if (keys.Text("peft_type") is not "LORA")
        {
            throw keys.Wrong("peft_type", $"'{keys.Text("peft_type")}' is not supported; supported is LORA");
        }
        keys.Require("bias", "none", "none");
        foreach (var key in (string[])["use_dora", "use_rslora", "lora_bias"])
        {
            keys.RequireThat(key, IsOff, "is not supported");
        }
        foreach (var key in (string[])["modules_to_save", "layers_to_transform", "rank_pattern", "alpha_pattern", "exclude_modules", "target_parameters"])
        {
            keys.RequireThat(key, IsEmpty, "is not supported; it must be absent or empty");
        }
        // The flag only says how the base model stores its weights, so it follows from the family.
        if (keys.Flag("fan_in_fan_out", false) != InputsFirst(family))
        {
            throw keys.Wrong("fan_in_fan_out", $"must be {(InputsFirst(family) ? "true" : "false")} for a model of the family {family}");
        }
        return new AdapterOptions(keys.Positive("r"), keys.OptionalNumber("lora_alpha") ?? throw keys.Wrong("lora_alpha", "must be given"), Targets(keys));
    }

    public static string? BaseModel(string path) => Open(path).Text("base_model_name_or_path");

    public static string Format(AdapterOptions options, DecoderFamily family, string? baseModel) => new JsonObject
    {
        ["peft_type"] = "LORA",
        ["task_type"] = "CAUSAL_LM",
        ["base_model_name_or_path"] = baseModel,
        ["r"] = options.Rank,
        ["lora_alpha"] = options.Alpha == Math.Floor(options.Alpha) ? (JsonNode)(long)options.Alpha : options.Alpha,
        ["lora_dropout"] = 0.0,
        ["target_modules"] = new JsonArray([.. options.Targets.Select(static t => (JsonNode)t)]),
        ["bias"] = "none",
        ["fan_in_fan_out"] = InputsFirst(family),
        ["inference_mode"] = true,
        ["init_lora_weights"] = true,
        ["use_rslora"] = false,
        ["use_dora"] = false,
        ["modules_to_save"] = null,
        ["rank_pattern"] = new JsonObject(),
        ["alpha_pattern"] = new JsonObject(),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });

    static bool InputsFirst(DecoderFamily family) => family == DecoderFamily.Gpt2;

    static ConfigKeys Open(string path)
    {
        try
        {
            return new ConfigKeys(JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new ModelFormatException(path, "must be a JSON object"), path);
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(path, $"is not valid JSON: {e.Message}");
        }
    }

    static IReadOnlyList<string> Targets(ConfigKeys keys) =>
        keys.Node("target_modules") is JsonArray { Count: > 0 } list && list.All(static n => n?.GetValueKind() == JsonValueKind.String)
            ? [.. list.Select(static n => n!.GetValue<string>())]
            : throw keys.Wrong("target_modules", "must be a list of layer names");

    static bool IsOff(JsonNode? node) => node is null || node.GetValueKind() == JsonValueKind.False;

    static bool IsEmpty(JsonNode? node) => node is null or JsonArray { Count: 0 } or JsonObject { Count: 0 };
}
