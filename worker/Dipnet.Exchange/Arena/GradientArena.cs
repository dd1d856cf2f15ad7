namespace Dipnet.Exchange;

/// <summary>
/// A worker's gradients: numbered slots of one flat gradient each and one result, in memory that peers on the same host may read.
/// Slots are virtual: only what is written takes memory. Only this process writes here; who writes what when is the session's protocol.
/// Lives longer than sessions, so nodes survive a change of the membership.
/// </summary>
public sealed unsafe class GradientArena : IDisposable
{
    private readonly SharedMapping mapping;

    /// <param name="slots">Gradients that can be kept at once: the nodes of a step and those under construction.</param>
    /// <exception cref="IOException">The system refuses the memory; the message says why.</exception>
    public GradientArena(GradientLayout layout, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        Layout = layout;
        Slots = slots;
        mapping = SharedMapping.Create("dipnet-gradients", ArenaControl.Size(layout) + ((slots + 1L) * SlotBytes(layout)));
        Control = new ArenaControl(mapping.Address, layout, slots);
        Control.Initialise();
    }

    public GradientLayout Layout { get; }

    public int Slots { get; }

    /// <summary>Path by which another process of the same user on this host maps the arena.</summary>
    public string? SharedPath => mapping.Path;

    /// <summary>Where the reduced slice of this worker, and slices that came over a network, lie. Written by the exchange only.</summary>
    public float* Result => Control.Result;

    internal ArenaControl Control { get; }

    /// <summary>A gradient of <see cref="GradientLayout.Elements"/> elements, page-aligned, zero at first.</summary>
    public float* Slot(int i)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(i);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(i, Slots);
        return Control.Gradient(i);
    }

    /// <summary>Frees the memory. No session may be open over it.</summary>
    public void Dispose() => mapping.Dispose();

    internal static long SlotBytes(GradientLayout layout) => ((layout.Elements * sizeof(float)) + 4095) & ~4095L;
}
