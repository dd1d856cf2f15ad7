using Dipnet.Modules.Language;

namespace Dipnet.Worker.Planning;

/// <summary>Parameters of a decoder model by its configuration alone.</summary>
internal static class DecoderShape
{
    /// <param name="config">The model.</param>
    /// <param name="projected">With projections.</param>
    /// <param name="sublayers">Of every feed-forward layer's input too.</param>
    /// <param name="adapters">Low-rank adapters; everything else but projections is then frozen. Null: none.</param>
    /// <exception cref="ArgumentException">A target is no layer of the model.</exception>
    public static IReadOnlyList<PlannedParameter> Parameters(DecoderConfig config, bool projected, bool sublayers, AdapterOptions? adapters)
    {
        var (llama, full, last) = (config.Family == DecoderFamily.Llama, adapters is null, DecoderModel.BlockStages * config.Layers);
        var (stem, blocks, norm) = llama ? ("model", "model.layers", "model.norm") : ("transformer", "transformer.h", "transformer.ln_f");
        var names = new ParameterNames();
        names.Add($"{stem}.{(llama ? "embed_tokens" : "wte")}.weight", -1, full, config.VocabularySize, config.Width);
        if (!llama)
        {
            names.Add($"{stem}.wpe.weight", -1, full, config.Context, config.Width);
        }

        var layers = Layers(config);
        CheckTargets(adapters, layers);
        for (var i = 0; i < config.Layers; i++)
        {
            AddBlock(names, config, $"{blocks}.{i}", i, layers, adapters);
            if (projected)
            {
                names.AddProjection($"{blocks}.{i}.projection", DecoderModel.BlockStages * i, config.Width);
            }

            if (sublayers)
            {
                names.AddProjection($"{blocks}.{i}.feed_forward_projection", DecoderModel.BlockStages * i + 2, config.Width);
            }
        }

        names.AddNorm(norm, last, config.Width, full, bias: !llama);
        if (!config.TiedHead)
        {
            names.Add("lm_head.weight", last, full, config.VocabularySize, config.Width);
        }

        if (projected)
        {
            names.AddProjection("head_projection", last, config.Width);
        }

        return names.InOrder();
    }

    /// <summary>The linear layers of one block, in order.</summary>
    public static IReadOnlyList<DecoderLayer> Layers(DecoderConfig config)
    {
        long width = config.Width, hidden = config.HiddenWidth, queries = (long)config.Heads * config.HeadWidth, keys = (long)config.KeyValueHeads * config.HeadWidth;
        return config.Family == DecoderFamily.Llama
            ?
            [
                new("self_attn.q_proj", width, queries, config.QueryKeyValueBias, false),
                new("self_attn.k_proj", width, keys, config.QueryKeyValueBias, false),
                new("self_attn.v_proj", width, keys, config.QueryKeyValueBias, false),
                new("self_attn.o_proj", queries, width, config.OutputBias, false),
                new("mlp.gate_proj", width, hidden, config.FeedForwardBias, false),
                new("mlp.up_proj", width, hidden, config.FeedForwardBias, false),
                new("mlp.down_proj", hidden, width, config.FeedForwardBias, false),
            ]
            :
            [
                new("attn.c_attn", width, 3 * width, true, true),
                new("attn.c_proj", width, width, true, true),
                new("mlp.c_fc", width, hidden, true, true),
                new("mlp.c_proj", hidden, width, true, true),
            ];
    }

    /// <summary>Whether a layer gets an adapter.</summary>
    public static bool IsTarget(DecoderLayer layer, AdapterOptions? adapters) =>
        adapters is not null && adapters.Targets.Any(t => layer.Name == t || layer.Name.EndsWith("." + t, StringComparison.Ordinal));

    private static void AddBlock(ParameterNames names, DecoderConfig config, string block, int index, IReadOnlyList<DecoderLayer> layers, AdapterOptions? adapters)
    {
        var (llama, full) = (config.Family == DecoderFamily.Llama, adapters is null);
        var (attention, first) = (llama ? 4 : 2, DecoderModel.BlockStages * index);
        names.AddNorm($"{block}.{(llama ? "input_layernorm" : "ln_1")}", first, config.Width, full, bias: !llama);
        for (var i = 0; i < layers.Count; i++)
        {
            // Queries, keys and values; attention's output; the feed-forward half; its output.
            var stage = first + (i < attention - 1 ? 0 : i == attention - 1 ? 1 : i < layers.Count - 1 ? 2 : 3);
            if (i == attention)
            {
                names.AddNorm($"{block}.{(llama ? "post_attention_layernorm" : "ln_2")}", stage, config.Width, full, bias: !llama);
            }

            var (layer, name) = (layers[i], $"{block}.{layers[i].Name}");
            names.Add($"{name}.weight", stage, full, layer.Shape);
            if (layer.Bias)
            {
                names.Add($"{name}.bias", stage, full, layer.Outputs);
            }

            if (IsTarget(layer, adapters))
            {
                names.Add($"{name}.lora_A.weight", stage, true, adapters!.Rank, layer.Inputs);
                names.Add($"{name}.lora_B.weight", stage, true, layer.Outputs, adapters.Rank);
            }
        }
    }

    private static void CheckTargets(AdapterOptions? adapters, IReadOnlyList<DecoderLayer> layers)
    {
        foreach (var target in adapters?.Targets ?? [])
        {
            if (!layers.Any(l => IsTarget(l, adapters! with { Targets = [target] })))
            {
                throw new ArgumentException($"lora.targets \"{target}\": the model has no such layer; it has {string.Join(", ", layers.Select(l => l.Name))}");
            }
        }
    }
}
