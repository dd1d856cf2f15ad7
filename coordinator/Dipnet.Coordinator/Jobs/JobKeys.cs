using Dipnet.Protos;
using static Dipnet.Coordinator.Jobs.JobDefault;

namespace Dipnet.Coordinator.Jobs;

/// <summary>
/// The table of all keys of a job file. Loading, checking, writing and docs/job-file.md come from it. Defaults are applied in this
/// order, so a default may look at the keys above it.
/// </summary>
internal static class JobKeys
{
    public static readonly IReadOnlyList<JobKey> All =
    [
        new("name", "Shown in lists; begins the job id. Letters, digits, `-`, `_`, `.`; at most 48.", Of("job", "the file's name")),
        .. Data(),
        .. Model(),
        .. Dipnet(),
        .. Optimizer("weights", 1e-3f, 0.01f),
        .. Optimizer("projections", 1e-2f, 0f),
        Float("optimizer.clip-norm", "Largest global norm of the weights' gradient; 0: no clipping.", 1f, 0, 1e6),
        Choice("schedule.kind", "Course of the learning rate after the warm-up.", "cosine", "constant", "linear", "cosine"),
        Whole("schedule.warmup-steps", "Steps over which the learning rate rises linearly; a shorter job ends before the peak.", 0, 0, 1_000_000_000),
        Float("schedule.final-fraction", "Learning rate at the last step over its peak.", 0.1f, 0, 1),
        Whole("global-batch", "Samples a step over all workers; a multiple of `microbatches`.", 128, 1, 1_048_576),
        Whole("microbatches", "Leaves of the gradient sum, the largest number of workers that can share a step; a power of two.", 8, 1, 1024),
        Whole("epochs", "Passes over the training data; for classification sets. Give `epochs` or `steps`.", 0, 0, 1_000_000,
            new("10 when `steps` is not given either", job => job.Steps == 0 && !LanguageData(job) ? 10u : 0u)),
        Whole("steps", "Optimizer steps. Give `epochs` or `steps`.", 0, 0, 1_000_000_000,
            new("from `epochs`; 200 for language data sets", job => job.Epochs == 0 && LanguageData(job) ? 200u : 0u)),
        Choice("precision", "Arithmetic of forward and backward; `bf16` keeps fp32 master weights.", "fp32", "fp32", "bf16"),
        Whole("threads-per-worker", "Threads of one operator. It changes the bits, so it belongs to the job.", 1, 1, 1024),
        new("seed", "Of initialisation, order of samples and noise.", Of(1ul, "1")),
        .. Eval(),
        Whole("checkpoint.every-steps", "Steps between checkpoints; 0: only at the end.", 0, 0, 1_000_000_000),
        Whole("checkpoint.keep-last", "Newest checkpoints that are kept.", 2, 1, 10_000),
        Whole("checkpoint.keep-every", "Checkpoints whose step is a multiple of this are kept as well; 0: none.", 0, 0, 1_000_000_000),
        Whole("checkpoint.keep-best", "Checkpoints with the lowest NLL that are kept as well: the mean training NLL of the 32 steps before them; 0: none.", 0, 0, 10_000),
        Choice("exchange.transport", "How gradients travel; `auto` takes shared memory within a host.", "auto", "auto", "shm", "grpc", "lane"),
        Choice("exchange.wire", "`fp32` is exact; `bf16` halves the bytes and is repeatable, but not equal across numbers of workers.", "fp32", "fp32", "bf16"),
        Whole("exchange.bucket-mib", "Unit in which gradients leave during backward, MiB.", 25, 1, 1024),
        .. Workers(),
        Choice("failure-detection", "How soon a silent worker is taken for lost: 2 s, 4 s or 30 s.", "default", "fast", "default", "patient"),
        Text("devices", "Of the workers that `dipnet train` starts: `auto`, `cpu`, or `cuda:` and a comma-separated list of numbers.", "auto"),
        Flag("activation-checkpointing", "Compute activations again in backward instead of keeping them: less memory, more time.", false),
        Flag("lora.enabled", "Train low-rank adapters beside frozen weights; language models.", false),
        Whole("lora.rank", "Rank of an adapter.", 8, 1, 4096),
        Float("lora.alpha", "An adapter's output is scaled by alpha / rank.", 16f, 0, 1e6, above: true),
        new("lora.targets", "Names of the linear modules that get an adapter.", Of("q_proj,v_proj", "`q_proj,v_proj`")) { List = true },
        Text("resume-from", "A run folder or a checkpoint folder to go on from.", ""),
    ];

    private static readonly Dictionary<string, JobKey> ByPath = All.ToDictionary(key => key.Path);

    /// <summary>The key at a full path, or null.</summary>
    public static JobKey? Find(string path) => ByPath.GetValueOrDefault(path);

    /// <summary>Whether the path names a group of keys, e.g. <c>optimizer.weights</c>.</summary>
    public static bool IsGroup(string path) => All.Any(key => key.Path.StartsWith(path + ".", StringComparison.Ordinal));

    internal static bool LanguageData(JobSpec job) => DataSets.Find(job.Data.Name)?.Language ?? false;

    internal static bool LanguageModel(JobSpec job) => job.Model.Kind is "llama" or "gpt2" or "hugging-face";

    private static IEnumerable<JobKey> Model() =>
    [
        Choice("model.kind", "The network: vision transformer, perceptron, or a language model.", "vit", "vit", "mlp", "llama", "gpt2", "hugging-face"),
        Whole("model.depth", "Blocks; hidden layers of an mlp.", 4, 1, 1024),
        Whole("model.dim", "Width of the residual stream; of a hidden layer of an mlp.", 64, 1, 65_536),
        Whole("model.heads", "Attention heads; divides `model.dim`.", 4, 1, 1024),
        Whole("model.patch", "vit: side of a square patch, pixels; divides the image's side.", 0, 0, 1024,
            new("2 for digits, 7 for 28 × 28 images, 4 for cifar10", job => (object)(DataSets.Find(job.Data.Name)?.DefaultPatch ?? 0u))),
        Whole("model.mlp-ratio", "Hidden width of a block's MLP over `model.dim`.", 4, 1, 64),
        Whole("model.kv-heads", "llama: key and value heads; divides `model.heads`.", 4, 1, 1024, new("`model.heads`", job => job.Model.Heads)),
        Whole("model.hidden-dim", "llama: width of SwiGLU.", 0, 1, 1_048_576,
            new("8/3 of `model.dim`, rounded up to a multiple of 32", job => (job.Model.Dim * 8 / 3 + 31) / 32 * 32)),
        Whole("model.context", "Language models: tokens a sequence in training.", 256, 2, 1_048_576),
        Text("model.path", "Pretrained language model: a folder with config.json and safetensors, or a llama2.c `.bin`; it then decides the shape.", ""),
        Text("model.tokenizer", "A tokenizer file or folder.", "", "the one beside the model; a model from scratch reads bytes"),
    ];

    private static IEnumerable<JobKey> Dipnet() =>
    [
        Flag("dipnet.enabled", "`false`: the same model without projections.", true),
        Float("dipnet.sigma", "Initial standard deviation of every projection.", 0, 0, 10,
            new("0.2; 0.02 for language models", job => LanguageModel(job) ? 0.02f : 0.2f), above: true),
        Float("dipnet.alpha", "α: weight of Σ λ.", 1e-4f, 0, 1e6),
        Float("dipnet.beta", "β: weight of −Σ ln λ.", 1e-5f, 0, 1e6),
        Whole("dipnet.trajectories", "k: forward passes with fresh noise a sample in training.", 2, 1, 256,
            new("2; 1 for language models", job => LanguageModel(job) ? 1u : 2u)),
        Float("dipnet.gamma", "γ: weight of the variance over trajectories; above 0 it needs `dipnet.trajectories` ≥ 2.", 0, 0, 1e6,
            new("0.1; 0 with one trajectory and for language models", job => LanguageModel(job) || job.Dipnet.Trajectories < 2 ? 0f : 0.1f)),
        Choice("dipnet.where", "What gets its input projected: every block, or every attention and MLP.", "blocks", "blocks", "sublayers"),
        Flag("dipnet.input", "Project the network's input as well; pixels only.", true,
            new("`true`; `false` for language models", job => !LanguageModel(job))),
    ];

    private static IEnumerable<JobKey> Data() =>
    [
        Choice("data.name", "The data set.", "digits", [.. DataSets.All.Select(set => set.Name)]),
        Text("data.path", "File or folder of the data.", "", "embedded, system package or cache"),
        Whole("data.limit", "Train on the first n samples (images, rows of text or of word problems), again and again; 0: all, for arithmetic without end.", 0, 0, 1_000_000_000),
        Choice("data.format", "jsonl: what a line holds.", "text", "text", "prompt-completion", "question-answer", "chat"),
        Text("data.eval-path", "Language data sets: held-out file.", "", "the last tenth of the data"),
        Whole("data.level", "arithmetic: difficulty.", 1, 1, 5),
    ];

    private static IEnumerable<JobKey> Optimizer(string group, float learningRate, float decay) =>
    [
        Choice($"optimizer.{group}.kind", "The rule of update.", "adamw", "adamw", "sgd"),
        Float($"optimizer.{group}.learning-rate", "Peak learning rate.", learningRate, 0, 100, above: true),
        Float($"optimizer.{group}.weight-decay", "Decoupled weight decay.", decay, 0, 100),
        Float($"optimizer.{group}.beta1", "adamw: decay of the first moment.", 0.9f, 0, 0.999999),
        Float($"optimizer.{group}.beta2", "adamw: decay of the second moment.", 0.999f, 0, 0.999999),
        Float($"optimizer.{group}.epsilon", "adamw: added to the root of the second moment.", 1e-8f, 0, 1, above: true),
        Float($"optimizer.{group}.momentum", "sgd: momentum.", 0.9f, 0, 0.999999),
    ];

    private static IEnumerable<JobKey> Eval() =>
    [
        Whole("eval.trajectories", "Draws that a prediction averages.", 8, 1, 4096),
        Whole("eval.samples", "Evaluate on the first n test samples (images, rows of text, word problems); 0: all.", 0, 0, 1_000_000_000),
        Whole("eval.attack-samples", "Accuracy under PGD on the first n test samples; 0: no attack.", 0, 0, 1_000_000_000,
            new("1000; 0 for language models", job => LanguageModel(job) ? 0u : 1000u)),
        Float("eval.noise-sigma", "Standard deviation of the input noise, pixels in [0, 1].", 0.2f, 0, 10),
        Float("eval.attack-epsilon", "Radius of the attack in the maximum norm, pixels in [0, 1].", 0.05f, 0, 1),
        Whole("eval.attack-steps", "Steps of PGD.", 10, 1, 10_000),
        Float("eval.typo-rate", "arithmetic: share of the letters of a problem that get a typing error; 0: not measured.", 0, 0, 1,
            new("0.05 for arithmetic, else 0", job => job.Data.Name == "arithmetic" ? 0.05f : 0f)),
    ];

    private static IEnumerable<JobKey> Workers() =>
    [
        Whole("workers.count", "Workers asked for; `--workers` sets it. Where `dipnet train` finds GPUs, the default is one for each.", 2, 1, 1024),
        Whole("workers.minimum", "With fewer the job waits, then fails.", 1, 1, 1024),
        Whole("workers.maximum", "More than this are left idle; at most `microbatches`.", 0, 1, 1024, new("`microbatches`", job => job.Microbatches)),
        Whole("workers.wait-seconds", "How long the job waits for the minimum.", 60, 1, 86_400),
    ];

    private static JobKey Text(string path, string meaning, string value, string? shown = null) =>
        new(path, meaning, Of(value, shown ?? (value.Length == 0 ? "none" : $"`{value}`")));

    private static JobKey Choice(string path, string meaning, string value, params string[] choices) =>
        new(path, meaning, Of(value, $"`{value}`")) { Choices = choices };

    private static JobKey Flag(string path, string meaning, bool value, JobDefault? computed = null) =>
        new(path, meaning, computed ?? Of(value, value ? "`true`" : "`false`"));

    private static JobKey Whole(string path, string meaning, uint value, double low, double high, JobDefault? computed = null) =>
        new(path, meaning, computed ?? Of(value, JobKey.Format(value))) { Minimum = low, Maximum = high };

    private static JobKey Float(string path, string meaning, float value, double low, double high, JobDefault? computed = null, bool above = false) =>
        new(path, meaning, computed ?? Of(value, JobKey.Format(value))) { Minimum = low, Maximum = high, Above = above };
}
