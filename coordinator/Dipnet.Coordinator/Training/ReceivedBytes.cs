using Dipnet.Protos;

namespace Dipnet.Coordinator.Training;

/// <summary>Bytes that workers received, see <see cref="Traffic"/>.</summary>
/// <param name="Weights">Gradients of committed steps, group weights.</param>
/// <param name="Projections">The same, group projections.</param>
/// <param name="Repeated">Gradients of attempts that a fence broke off.</param>
/// <param name="State">Training state pulled from peers.</param>
internal readonly record struct ReceivedBytes(ulong Weights, ulong Projections, ulong Repeated, ulong State)
{
    public static ReceivedBytes Of(Traffic traffic) => new(traffic.Weights, traffic.Projections, traffic.Repeated, traffic.State);

    public static ReceivedBytes operator +(ReceivedBytes a, ReceivedBytes b) =>
        new(a.Weights + b.Weights, a.Projections + b.Projections, a.Repeated + b.Repeated, a.State + b.State);
}
