using Dipnet.Exchange;

namespace Dipnet.Worker.Training;

/// <summary>
/// Where backward accumulates gradients and the leaves of a step are added up, in numbered slots, and how sums come into the arena's slots of the same numbers, which
/// the exchange reads. On the CPU both are the same memory; a device adds in its own and copies what is handed out.
/// </summary>
internal interface IGradientStaging : IDisposable
{
    /// <summary>Computation is queued: whoever reads a result waits for all that stands before it.</summary>
    bool Queues { get; }

    /// <summary>Makes the next backward accumulate into a slot: onto what it holds, or from zero.</summary>
    void Bind(int slot, bool onto);

    /// <summary>Adds elements [from, to) of other slots, one after the other, to a slot. Their computation may still be queued.</summary>
    void Add(int slot, IReadOnlyList<int> others, long from, long to);

    /// <summary>
    /// Elements [from, to) of the slots have been computed, or their computation is queued. Once they are in the arena, <paramref name="published"/> is called: at once
    /// by the caller, or by the staging's own thread, one after the other in the order of these calls.
    /// </summary>
    void Publish(IReadOnlyList<int> slots, long from, long to, Action published);

    /// <summary>A step with other workers begins, whose sum comes by <see cref="BucketReduced"/>.</summary>
    void BeginSum();

    /// <summary>Takes a bucket of a step's sum when it is here, as <see cref="SessionOptions.BucketReduced"/>; null: sums are read where they lie.</summary>
    Action<IReadOnlyList<ReducedSpan>>? BucketReduced { get; }

    /// <summary>Waits until all that was published is in the arena and its <c>published</c> has returned; throws what one of them threw.</summary>
    void Drain();
}
