using System.CommandLine;
using System.Globalization;
using Dipnet.Modules;
using Dipnet.Modules.Language;
using Dipnet.Worker.Hosting;
using Dipnet.Worker.Language;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Bench;

/// <summary>
/// <c>bench generate</c>: time of a token, for fresh models of two sizes, beside the time that reading the weights once takes: a token needs all of them.
/// </summary>
internal static class GenerateBench
{
    private const int Draws = 8;

    private static readonly (string Name, DecoderConfig Config)[] s_models =
    [
        ("260K", Llama(512, 64, 172, 5, 8, 4)),
        ("100M", Llama(32_000, 768, 2048, 12, 12, 4)),
    ];

    public static System.CommandLine.Command Create()
    {
        var tokens = new Option<int>("--tokens") { Description = "Tokens of a text.", DefaultValueFactory = _ => 64 };
        var threads = new Option<int>("--threads") { Description = "Threads of one operator; 0: as generate chooses." };
        var json = new Option<bool>("--json") { Description = "One JSON line a case." };
        var command = new System.CommandLine.Command("generate", "Tokens per second, one at a time with a cache.") { tokens, threads, json };
        command.SetAction(parse => Run(Math.Clamp(parse.GetValue(tokens), 1, 500), parse.GetValue(threads), parse.GetValue(json)));
        return command;
    }

    private static int Run(int tokens, int threads, bool json)
    {
        foreach (var (name, config) in s_models)
        {
            using var model = DecoderModel.Create(config, 1);
            model.AddProjections(new ProjectionOptions());
            torch.set_num_threads(threads > 0 ? threads : DecodeThreads.For(model));
            var weights = model.parameters().Where(p => p.ndim >= 2).ToArray();
            var read = BenchCase.Median(() => Read(weights), 15, 3);
            var bytes = weights.Sum(w => w.numel()) * sizeof(float);
            var note = string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.#} MB at {bytes / read / 1e6:0.#} GB/s, {torch.get_num_threads()} threads: the ceiling");
            new BenchCase($"{name} read weights", read, Note: note).Print(json);
            Measure($"{name} token, mean", model, tokens, 0, read, json);
            Measure($"{name} token, sampled, {Draws} draws", model, tokens, Draws, read, json);
        }

        return ExitCode.Completed;
    }

    private static void Measure(string name, DecoderModel model, int tokens, int trajectories, double read, bool json)
    {
        var options = new GenerationOptions { Temperature = 0, MaxTokens = tokens, Trajectories = trajectories };
        var time = BenchCase.Median(() => Generate(model, options), 5, 1) / tokens;
        new BenchCase(name, time, time / read, Note: string.Create(CultureInfo.InvariantCulture, $"{1000 / time:0.#} tokens/s")).Print(json);
    }

    private static void Generate(DecoderModel model, GenerationOptions options)
    {
        using var stream = new TokenStream(model, [1], options, []);
        while (stream.TryNext(out _))
        {
        }
    }

    private static void Read(IReadOnlyList<Tensor> weights)
    {
        using var none = torch.no_grad();
        foreach (var weight in weights)
        {
            using var sum = weight.sum();
        }
    }

    private static DecoderConfig Llama(int vocabulary, int width, int hidden, int layers, int heads, int keyValueHeads) => new()
    {
        Family = DecoderFamily.Llama,
        ModelType = "llama",
        VocabularySize = vocabulary,
        Width = width,
        HiddenWidth = hidden,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadWidth = width / heads,
        Context = 512,
        TiedHead = true,
    };
}
