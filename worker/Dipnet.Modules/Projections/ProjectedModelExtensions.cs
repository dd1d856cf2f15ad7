using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>Adds projections to a TorchSharp model as it is.</summary>
public static class ProjectedModelExtensions
{
    /// <summary>
    /// Wraps <paramref name="model"/> so that the input of every chosen module is projected: one λ a channel for images [N, C, H, W], one a feature (last
    /// dimension) for anything else, one a value for the network's own input where <see cref="ProjectionOptions.Input"/> is set.
    /// </summary>
    /// <param name="model">Any model of one tensor to one tensor; the wrapper owns it.</param>
    /// <param name="options">σ, where, and what the objective asks for.</param>
    /// <param name="sample">An input [n, …] that the model takes; run once, without gradients, to find shapes and order.</param>
    /// <param name="selector">Chooses modules by full name and module; null: every block, that is every child with weights (of a list: every element).</param>
    /// <exception cref="ArgumentException">Nothing is chosen, or a chosen module cannot be projected; the message names it.</exception>
    public static ProjectedModel WithProjections(
        this nn.Module<Tensor, Tensor> model, ProjectionOptions options, Tensor sample, Func<string, nn.Module, bool>? selector = null)
    {
        var chosen = selector is null
            ? Children(model, "").Where(c => c.Module.parameters().Any(p => p.ndim >= 2)).ToArray()
            : [.. model.named_modules().Where(m => m.name.Length > 0 && selector(m.name, m.module)).Select(m => (m.name, m.module))];
        return chosen.Length > 0 ? new ProjectedModel(model, options, sample, chosen)
            : throw new ArgumentException($"no module of {model.GetName()} is chosen; it has {string.Join(", ", model.named_modules().Select(m => m.name).Where(n => n.Length > 0))}");
    }

    /// <summary>As above, with the modules given by name, as in the model's parameter names: <c>WithProjections(options, sample, "conv2", "fc")</c>.</summary>
    public static ProjectedModel WithProjections(this nn.Module<Tensor, Tensor> model, ProjectionOptions options, Tensor sample, params string[] names)
    {
        var known = model.named_modules().Select(m => m.name).Where(n => n.Length > 0).ToHashSet();
        var unknown = names.Where(n => !known.Contains(n)).ToArray();
        return unknown.Length == 0 ? model.WithProjections(options, sample, (name, _) => names.Contains(name))
            : throw new ArgumentException($"{model.GetName()} has no module {string.Join(", ", unknown)}; it has {string.Join(", ", known)}");
    }

    private static IEnumerable<(string Name, nn.Module Module)> Children(nn.Module parent, string prefix)
    {
        foreach (var (name, module) in parent.named_children())
        {
            // Containers of their own do no work: a ModuleList's elements are the blocks.
            if (module.GetType().IsGenericType && module.GetType().GetGenericTypeDefinition() == typeof(ModuleList<>))
            {
                foreach (var child in Children(module, $"{prefix}{name}."))
                    yield return child;
            }
            else
            {
                yield return ($"{prefix}{name}", module);
            }
        }
    }
}
