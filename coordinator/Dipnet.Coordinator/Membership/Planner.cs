namespace Dipnet.Coordinator.Membership;

/// <summary>Distributes microbatches. Pure.</summary>
internal static class Planner
{
    /// <summary>
    /// Goes on from the highest committed step among members with state, else from the checkpoint, else from the start. Gradients
    /// that a member with that state holds stay with it; the other microbatches go to the members with the fewest, in runs.
    /// </summary>
    /// <param name="candidates">By rank; at least one, at most as many as microbatches.</param>
    public static PlanDraft Plan(IReadOnlyList<PlanCandidate> candidates, int microbatches, string checkpoint, ulong checkpointSteps)
    {
        ArgumentOutOfRangeException.ThrowIfZero(candidates.Count);
        var holders = Enumerable.Range(0, candidates.Count).Where(r => candidates[r].HasState).ToList();
        if (holders.Count == 0)
        {
            return new PlanDraft(checkpoint.Length > 0 ? checkpointSteps : 0, Contiguous(microbatches, candidates.Count), [], checkpoint);
        }

        var committed = holders.Max(r => candidates[r].CommittedSteps);
        holders.RemoveAll(r => candidates[r].CommittedSteps < committed);

        var owners = new int[microbatches];
        Array.Fill(owners, -1);
        foreach (var rank in holders)
        {
            foreach (var microbatch in candidates[rank].Held.Where(m => m >= 0 && m < microbatches && owners[m] < 0))
            {
                owners[microbatch] = rank;
            }
        }

        return new PlanDraft(committed, Fill(owners, candidates.Count), holders, "");
    }

    /// <summary>Rank r has [r·M/N, (r+1)·M/N).</summary>
    public static int[] Contiguous(int microbatches, int world)
    {
        var owners = new int[microbatches];
        for (var rank = 0; rank < world; rank++)
        {
            owners.AsSpan((rank * microbatches / world)..((rank + 1) * microbatches / world)).Fill(rank);
        }

        return owners;
    }

    private static int[] Fill(int[] owners, int world)
    {
        if (Array.TrueForAll(owners, o => o < 0))
        {
            return Contiguous(owners.Length, world);
        }

        var load = new int[world];
        foreach (var owner in owners.Where(o => o >= 0))
        {
            load[owner]++;
        }

        // First how many more each rank takes, then which: that keeps what a rank takes together.
        var more = new int[world];
        for (var open = owners.Count(o => o < 0); open > 0; open--)
        {
            var least = Array.IndexOf(load, load.Min());
            load[least]++;
            more[least]++;
        }

        var rank = 0;
        for (var microbatch = 0; microbatch < owners.Length; microbatch++)
        {
            if (owners[microbatch] >= 0)
            {
                continue;
            }

            while (more[rank] == 0)
            {
                rank++;
            }

            owners[microbatch] = rank;
            more[rank]--;
        }

        return owners;
    }
}
