using System.Text.Json;
using System.Text.Json.Nodes;

namespace Dipnet.Modules.Language;

/// <summary>Reads and writes <c>config.json</c> of a Hugging Face model folder. What it cannot honour it refuses by name.</summary>
public static class DecoderConfigFile
{
    public const string FileName = "config.json";

    /// <exception cref="ModelFormatException">A key is missing, wrong, or asks for something that is not supported.</exception>
    public static DecoderConfig Read(string path) => Parse(File.ReadAllText(path), path);

    internal static DecoderConfig Parse(string json, string file)
    {
        JsonObject root;
        try
        {
            root = JsonNode.Parse(json) as JsonObject ?? throw new ModelFormatException(file, "must be a JSON object");
        }
        catch (JsonException e)
        {
            throw new ModelFormatException(file, $"is not valid JSON: {e.Message}");
        }
        var keys = new ConfigKeys(root, file);
        var type = keys.Text("model_type") ?? throw keys.Wrong("model_type", "must be given");
        return type switch
        {
            "llama" or "qwen2" or "mistral" => Llama(keys, type),
            "gpt2" => Gpt2(keys),
            _ => throw keys.Wrong("model_type", $"'{type}' is not supported; supported are llama, qwen2, mistral, gpt2"),
        };
    }

    static DecoderConfig Llama(ConfigKeys keys, string type)
    {
        keys.Require("hidden_act", "silu", "silu");
        keys.RequireThat("pretraining_tp", n => n is null || n.GetValueKind() == JsonValueKind.Number && n.GetValue<double>() == 1, "must be 1");
        var (width, heads) = (keys.Positive("hidden_size"), keys.Positive("num_attention_heads"));
        var keyHeads = keys.PositiveOr("num_key_value_heads", type == "mistral" ? 8 : heads);
        var headWidth = keys.PositiveOr("head_dim", width / heads);
        if (heads % keyHeads != 0)
        {
            throw keys.Wrong("num_key_value_heads", $"{keyHeads} must divide num_attention_heads ({heads})");
        }
        if (headWidth % 2 != 0)
        {
            throw keys.Wrong("head_dim", $"{headWidth} must be even");
        }
        var bias = type == "llama" && keys.Flag("attention_bias", false);
        var context = keys.PositiveOr("max_position_embeddings", type == "mistral" ? 131072 : type == "qwen2" ? 32768 : 2048);
        var (theta, scaling) = RopeKeys.Read(keys, context);
        var layers = keys.Positive("num_hidden_layers");
        var window = type == "mistral" || type == "qwen2" && keys.Flag("use_sliding_window", false)
            ? keys.Has("sliding_window") ? keys.OptionalPositive("sliding_window") : 4096
            : null;
        return new DecoderConfig
        {
            Family = DecoderFamily.Llama,
            ModelType = type,
            VocabularySize = keys.Positive("vocab_size"),
            Width = width,
            HiddenWidth = keys.Positive("intermediate_size"),
            Layers = layers,
            Heads = heads,
            KeyValueHeads = keyHeads,
            HeadWidth = headWidth,
            Context = context,
            NormEpsilon = keys.Number("rms_norm_eps", 1e-6),
            TiedHead = keys.Flag("tie_word_embeddings", false),
            QueryKeyValueBias = type == "qwen2" || bias,
            OutputBias = bias,
            FeedForwardBias = type == "llama" && keys.Flag("mlp_bias", false),
            RopeTheta = theta,
            RopeScaling = scaling,
            SlidingWindow = window,
            FullAttentionLayers = window is not null && type == "qwen2" ? FullAttention(keys, layers) : [],
            BeginToken = keys.Tokens("bos_token_id") is [var begin, ..] ? begin : null,
            EndTokens = keys.Tokens("eos_token_id"),
            InitialDeviation = keys.Number("initializer_range", 0.02),
        };
    }

    // Newer files name the kind of every layer, older ones say from which layer on the window holds.
    static int[] FullAttention(ConfigKeys keys, int layers)
    {
        if (keys.Node("layer_types") is not { } types)
        {
            return [.. Enumerable.Range(0, Math.Min(layers, (int)keys.Number("max_window_layers", 28)))];
        }
        const string Full = "full_attention", Sliding = "sliding_attention";
        var names = types is JsonArray array ? [.. array.Select(n => n is JsonValue v && v.TryGetValue<string>(out var name) ? name : "")] : Array.Empty<string>();
        return names.Length == layers && names.All(n => n is Full or Sliding)
            ? [.. Enumerable.Range(0, layers).Where(i => names[i] == Full)]
            : throw keys.Wrong("layer_types", $"must be {layers} names, each {Full} or {Sliding}");
    }

    static DecoderConfig Gpt2(ConfigKeys keys)
    {
        var activation = keys.Text("activation_function") ?? "gelu_new";
        if (activation is not ("gelu_new" or "gelu_pytorch_tanh" or "gelu"))
        {
            throw keys.Wrong("activation_function", $"'{activation}' is not supported; supported are gelu_new, gelu_pytorch_tanh, gelu");
        }
        keys.RequireThat("scale_attn_by_inverse_layer_idx", IsFalse, "true is not supported");
        keys.RequireThat("add_cross_attention", IsFalse, "true is not supported");
        keys.RequireThat("scale_attn_weights", n => n is null || n.GetValueKind() == JsonValueKind.True, "false is not supported");
        var (width, heads) = (keys.Positive("n_embd"), keys.Positive("n_head"));
        if (width % heads != 0)
        {
            throw keys.Wrong("n_head", $"{heads} must divide n_embd ({width})");
        }
        return new DecoderConfig
        {
            Family = DecoderFamily.Gpt2,
            ModelType = "gpt2",
            VocabularySize = keys.Positive("vocab_size"),
            Width = width,
            HiddenWidth = keys.PositiveOr("n_inner", 4 * width),
            Layers = keys.Positive("n_layer"),
            Heads = heads,
            KeyValueHeads = heads,
            HeadWidth = width / heads,
            Context = keys.PositiveOr("n_positions", 1024),
            NormEpsilon = keys.Number("layer_norm_epsilon", 1e-5),
            TiedHead = keys.Flag("tie_word_embeddings", true),
            QueryKeyValueBias = true,
            OutputBias = true,
            FeedForwardBias = true,
            ExactGelu = activation == "gelu",
            BeginToken = keys.Tokens("bos_token_id") is [var begin, ..] ? begin : null,
            EndTokens = keys.Tokens("eos_token_id"),
            InitialDeviation = keys.Number("initializer_range", 0.02),
        };
    }

    static bool IsFalse(JsonNode? node) => node is null || node.GetValueKind() == JsonValueKind.False;

    /// <summary>The model as a config.json that the usual loaders take.</summary>
    /// <param name="config">The model.</param>
    /// <param name="elementType">Stored type: float32 or bfloat16.</param>
    public static string Format(DecoderConfig config, string elementType)
    {
        var root = config.Family == DecoderFamily.Gpt2 ? FormatGpt2(config) : FormatLlama(config);
        root["vocab_size"] = config.VocabularySize;
        root["tie_word_embeddings"] = config.TiedHead;
        root["initializer_range"] = config.InitialDeviation;
        root["torch_dtype"] = elementType;
        if (config.BeginToken is { } begin)
        {
            root["bos_token_id"] = begin;
        }
        if (config.EndTokens.Count > 0)
        {
            root["eos_token_id"] = config.EndTokens.Count == 1 ? config.EndTokens[0] : new JsonArray([.. config.EndTokens.Select(t => (JsonNode)t)]);
        }
        return root.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    static JsonObject FormatLlama(DecoderConfig config)
    {
        var architecture = config.ModelType switch { "qwen2" => "Qwen2ForCausalLM", "mistral" => "MistralForCausalLM", _ => "LlamaForCausalLM" };
        var root = new JsonObject
        {
            ["architectures"] = new JsonArray(architecture),
            ["model_type"] = config.ModelType,
            ["hidden_act"] = "silu",
            ["hidden_size"] = config.Width,
            ["intermediate_size"] = config.HiddenWidth,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KeyValueHeads,
            ["head_dim"] = config.HeadWidth,
            ["max_position_embeddings"] = config.Context,
            ["rms_norm_eps"] = config.NormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["rope_scaling"] = RopeKeys.Format(config.RopeScaling),
        };
        switch (config.ModelType)
        {
            case "qwen2":
                root["use_sliding_window"] = config.SlidingWindow is not null;
                root["sliding_window"] = config.SlidingWindow;
                root["max_window_layers"] = FirstWindowed(config);
                root["layer_types"] = new JsonArray([.. Enumerable.Range(0, config.Layers).Select(i =>
                    (JsonNode)(config.SlidingWindow is null || config.FullAttentionLayers.Contains(i) ? "full_attention" : "sliding_attention"))]);
                break;
            case "mistral":
                root["sliding_window"] = config.SlidingWindow;
                break;
            default:
                root["attention_bias"] = config.OutputBias;
                root["mlp_bias"] = config.FeedForwardBias;
                break;
        }
        return root;
    }

    static int FirstWindowed(DecoderConfig config) => config.SlidingWindow is null
        ? config.Layers
        : Enumerable.Range(0, config.Layers).FirstOrDefault(i => !config.FullAttentionLayers.Contains(i), config.Layers);

    static JsonObject FormatGpt2(DecoderConfig config) => new()
    {
        ["architectures"] = new JsonArray("GPT2LMHeadModel"),
        ["model_type"] = "gpt2",
        ["activation_function"] = config.ExactGelu ? "gelu" : "gelu_new",
        ["n_embd"] = config.Width,
        ["n_inner"] = config.HiddenWidth,
        ["n_layer"] = config.Layers,
        ["n_head"] = config.Heads,
        ["n_positions"] = config.Context,
        ["n_ctx"] = config.Context,
        ["layer_norm_epsilon"] = config.NormEpsilon,
    };
}
