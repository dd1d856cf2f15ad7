using Dipnet.Exchange;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>Finds where a number stopped being finite.</summary>
internal static class NonFiniteLocator
{
    /// <summary>Runs the microbatch again and returns the first module, in order of completion, whose output is not finite; empty when none is.</summary>
    public static string Module(IWorkload workload, ReadOnlySpan<int> ids, ulong step, int microbatch)
    {
        var first = "";
        var removers = new List<Action>();
        try
        {
            foreach (var (name, module) in workload.Model.named_modules())
            {
                if (module is nn.Module<Tensor, Tensor> simple)
                {
                    var hook = simple.register_forward_hook((_, _, output) =>
                    {
                        if (first.Length == 0 && !Finite(output))
                        {
                            first = name;
                        }

                        return output;
                    });
                    removers.Add(hook.remove);
                }
            }

            using var scope = torch.NewDisposeScope();
            using var none = torch.no_grad();
            workload.Loss(ids, step, microbatch);
            return first.Length > 0 ? first : "loss";
        }
        finally
        {
            removers.ForEach(remove => remove());
        }
    }

    /// <summary>The first parameter whose summed gradient is not finite.</summary>
    public static unsafe string Gradient(ParameterLayout layout, IReadOnlyList<ReducedSpan> spans)
    {
        foreach (var span in spans)
        {
            var bad = FirstNonFinite((float*)span.Pointer, span.Count);
            if (bad >= 0)
            {
                return layout.Places.Last(p => p.Offset <= span.Offset + bad).Name;
            }
        }

        return "";
    }

    private static unsafe long FirstNonFinite(float* values, long count)
    {
        for (long i = 0; i < count; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Finite(Tensor tensor)
    {
        using var finite = tensor.isfinite();
        using var all = finite.all();
        return all.item<bool>();
    }
}
