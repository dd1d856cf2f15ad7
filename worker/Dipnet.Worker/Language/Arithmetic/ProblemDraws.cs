using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>Draws of one problem, one after the other, from the counter <paramref name="first"/> on.</summary>
internal sealed class ProblemDraws(CounterHash hash, ulong first)
{
    private ulong _next = first;

    public int Below(int bound) => hash.Below(bound, _next++);

    /// <summary>Both ends may come.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    public T Of<T>(IReadOnlyList<T> choices) => choices[Below(choices.Count)];
}
