using Dipnet.Modules.Language;
using Dipnet.Protos;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Planning;

/// <summary>Plans of the language models.</summary>
internal static class DecoderModels
{
    private const int Single = sizeof(float);

    /// <exception cref="ArgumentException">The job's keys do not fit the model.</exception>
    /// <exception cref="ModelFormatException">The model's or tokenizer's files are not what they should be.</exception>
    public static PlannedModel Plan(JobSpec job)
    {
        var missing = new List<string>();
        return Plan(job, DecoderSource.Config(job, missing)) with { Missing = missing };
    }

    public static PlannedModel Plan(JobSpec job, DecoderConfig config)
    {
        var noise = job.Dipnet is { Enabled: true };
        var sublayers = noise && job.Dipnet.Where == "sublayers";
        var adapters = job.Lora is { Enabled: true } lora
            ? new AdapterOptions((int)lora.Rank, lora.Alpha, lora.Targets.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            : null;
        var layers = DecoderShape.Layers(config);
        var matrices = layers.Sum(static l => l.Inputs * l.Outputs);
        long context = job.Model.Context, queries = (long)config.Heads * config.HeadWidth, head = (long)config.VocabularySize * config.Width;
        var parameters = DecoderShape.Parameters(config, noise, sublayers, adapters);
        var low = layers.Where(l => DecoderShape.IsTarget(l, adapters)).Sum(l => (l.Inputs + l.Outputs) * adapters!.Rank);
        return new PlannedModel
        {
            Description = $"{config.ModelType}, {config.Layers} × {config.Width}, {config.Heads} heads ({config.KeyValueHeads} kv), {config.VocabularySize} tokens, context {context}",
            Parameters = parameters,
            RowsPerSample = context,
            Memory = Memory(job, config, (noise ? 1 : 0) + (sublayers ? 1 : 0)),
            // A token looks at half of the sequence on average.
            Flops = new RowFlops(2.0 * config.Layers * matrices, 2.0 * config.Layers * context * queries, 2.0 * head, 2.0 * config.Layers * low, adapters is not null),
            // Autocast remembers copies of trained weights; those of frozen ones live as long as backward needs them, a block's under checkpointing.
            MatrixElements = (adapters is not null && job.ActivationCheckpointing ? 1 : config.Layers) * matrices + head,
        };
    }

    private static RowMemory Memory(JobSpec job, DecoderConfig config, int drawn)
    {
        long width = config.Width, hidden = config.HiddenWidth, queries = (long)config.Heads * config.HeadWidth;
        var bf16 = job.Precision == "bf16";
        long narrow = bf16 ? 2 : Single, kept;
        if (config.Family == DecoderFamily.Llama)
        {
            // Per norm its input and the scaled input; what the linear layers behind it read (a bf16 copy for each of the five); queries, keys and values with
            // repeated heads, and their mixture; gate, its SiLU, up and their product.
            kept = Single * (4 + drawn) * width + (bf16 ? narrow * 5 * width : Single * 2 * width) + narrow * (4 * queries + 4 * hidden) + Single * (config.Heads + 2);
        }
        else
        {
            // Per norm its input and its output; queries, keys and values and their mixture; the feed-forward layer around GELU, whose tanh form keeps five.
            kept = Single * (2 + drawn) * width + narrow * (6 * width + (config.ExactGelu ? 2 : 5) * hidden) + Single * (config.Heads + 4);
        }

        // Logarithms of all tokens' probabilities, their gradient and the logits'.
        var head = Single * (3L * config.VocabularySize + 4 * width);
        return new RowMemory(config.Layers, kept, Single * width, Single * (3 * hidden + 4 * width + 2 * queries), Single * (width + job.Model.Context), head);
    }
}
