using System.Runtime.InteropServices;
using Dipnet.Exchange;
using Dipnet.Modules;
using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Worker.Training;

/// <summary>
/// The CPU's staging: parameters are views of the flat state and gradients are views of an arena slot, so nothing is copied. Every view begins at a multiple of
/// 64 bytes in page-aligned memory: kernels choose their code path, and so the bits, by alignment.
/// </summary>
internal sealed unsafe class SharedStaging : IGradientStaging
{
    private readonly IReadOnlyList<TrainableParameter> _parameters;
    private readonly TrainingState _state;
    private readonly GradientArena _arena;
    private readonly Tensor[]?[] _views;
    private int _bound = -1;

    public SharedStaging(IReadOnlyList<TrainableParameter> parameters, TrainingState state, GradientArena arena)
    {
        (_parameters, _state, _arena, _views) = (parameters, state, arena, new Tensor[arena.Slots][]);
        using var none = torch.no_grad();
        for (var i = 0; i < parameters.Count; i++)
        {
            using var view = View(state.Parameters, i);
            view.copy_(parameters[i].Parameter);
            parameters[i].Parameter.set_(view);
        }
    }

    public bool Queues => false;

    public void Bind(int slot, bool onto)
    {
        if (!onto)
        {
            NativeMemory.Clear(_arena.Slot(slot), (nuint)(_state.Layout.Elements * sizeof(float)));
        }

        if (_bound == slot)
        {
            return;
        }

        var views = _views[slot] ??= [.. Enumerable.Range(0, _parameters.Count).Select(i => View(_arena.Slot(slot), i))];
        for (var i = 0; i < views.Length; i++)
        {
            _parameters[i].Parameter.grad = views[i];
        }

        _bound = slot;
    }

    public void Add(int slot, IReadOnlyList<int> others, long from, long to)
    {
        var sum = _arena.Slot(slot) + from;
        foreach (var other in others)
        {
            GradientSum.Add(sum, _arena.Slot(other) + from, sum, to - from);
        }
    }

    public void Publish(IReadOnlyList<int> slots, long from, long to, Action published) => published();

    public void BeginSum()
    {
    }

    public Action<IReadOnlyList<ReducedSpan>>? BucketReduced => null;

    public void Drain()
    {
    }

    public void Dispose()
    {
        foreach (var parameter in _parameters)
        {
            parameter.Parameter.grad = null;
        }

        foreach (var view in _views.Where(v => v is not null).SelectMany(v => v!))
        {
            view.Dispose();
        }
    }

    private Tensor View(float* buffer, int parameter)
    {
        var place = _state.Layout.Places[parameter];
        // Views outlive the step whose dispose scope is open when they are first needed.
        return BlobTensor.FromPointer((nint)(buffer + place.Offset), place.Shape).DetachFromDisposeScope();
    }
}
