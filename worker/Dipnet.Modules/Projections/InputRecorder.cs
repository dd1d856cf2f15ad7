using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>Runs a model once on a sample and records in which order, and with inputs of which shapes, chosen modules are reached.</summary>
internal static class InputRecorder
{
    public sealed record Seen(string Name, nn.Module<Tensor, Tensor> Module, long[] Shape, bool IsNetworkInput);

    /// <exception cref="ArgumentException">A chosen module is not one tensor to one tensor, or the run does not reach it by call.</exception>
    public static IReadOnlyList<Seen> Record(nn.Module<Tensor, Tensor> model, Tensor sample, IReadOnlyList<(string Name, nn.Module Module)> chosen)
    {
        List<Seen> seen = [];
        List<Action> remove = [];
        var training = model.training;
        // Evaluation mode: the sample must not move running statistics.
        model.eval();
        try
        {
            foreach (var (name, module) in chosen)
            {
                if (module is not nn.Module<Tensor, Tensor> unary)
                    throw new ArgumentException($"module {name} is a {module.GetType().Name}: only modules of one tensor to one tensor can be projected");
                var hook = unary.register_forward_pre_hook((_, x) =>
                {
                    if (seen.TrueForAll(s => s.Module != unary))
                        seen.Add(new Seen(name, unary, x.shape, ReferenceEquals(x, sample) || x.Handle == sample.Handle));
                    return x;
                });
                remove.Add(hook.remove);
            }
            using var scope = torch.NewDisposeScope();
            using var none = torch.no_grad();
            using var silence = NoiseScope.Silence();
            model.call(sample);
        }
        finally
        {
            remove.ForEach(r => r());
            if (training)
                model.train();
        }
        var missing = chosen.Where(c => seen.TrueForAll(s => s.Module != c.Module)).Select(c => c.Name).ToArray();
        return missing.Length == 0 ? seen
            : throw new ArgumentException($"the sample run did not reach {string.Join(", ", missing)}: the model must use its parts by call(x), not forward(x)");
    }
}
