using Dipnet.Protos;

namespace Dipnet.Coordinator.Tests.Membership;

/// <summary>
/// A worker of the simulation: follows the protocol, computes microbatches one by one, and commits a step when every microbatch of it was
/// computed by the members of its own plan.
/// </summary>
internal sealed class SimulatedWorker(string id)
{
    public string Id { get; } = id;
    public Guid Connection { get; set; } = Guid.NewGuid();
    public string JobId { get; set; } = "";
    public bool Hung { get; set; }

    /// <summary>Its stream broke while it was hung: it comes back when it wakes.</summary>
    public bool IsAway { get; set; }

    public bool HasState { get; private set; }
    public ulong Committed { get; private set; }
    public ulong Generation { get; private set; }
    public ulong FencedBy { get; private set; }
    public Plan? Plan { get; private set; }
    public HashSet<int> Held { get; } = [];
    public bool Finished { get; set; }
    public Queue<CoordinatorMessage> Inbox { get; } = new();
    public Queue<WorkerMessage> Outbox { get; } = new();

    public int Rank => Plan is null ? -1 : (int)Plan.Members.Single(m => m.WorkerId == Id).Rank;

    public bool Trains => Plan is not null && FencedBy <= Plan.Generation;

    public Hello Hello() => new()
    {
        WorkerId = Id, JobId = JobId, Generation = Generation, CommittedSteps = Committed, Host = "h", Device = "cpu", Endpoints = new Endpoints(),
    };

    /// <summary>Messages that a broken stream swallows; the worker keeps its state and its job.</summary>
    public void Disconnect()
    {
        Inbox.Clear();
        Outbox.Clear();
        Connection = Guid.NewGuid();

        // What decides the job's course is said again on the next stream.
        Finished = false;
    }

    public void Forget()
    {
        (JobId, HasState, Committed, Generation, FencedBy, Plan, Finished) = ("", false, 0, 0, 0, null, false);
        Held.Clear();
    }

    public void Handle(CoordinatorMessage message)
    {
        switch (message.KindCase)
        {
            case CoordinatorMessage.KindOneofCase.Join:
                Forget();
                JobId = message.Join.JobId;
                break;
            case CoordinatorMessage.KindOneofCase.Fence when message.Fence.Generation > FencedBy:
                FencedBy = message.Fence.Generation;
                var standing = new Standing { JobId = JobId, Generation = FencedBy, HasState = HasState, CommittedSteps = Committed };
                standing.HeldMicrobatches.AddRange(Held.Select(m => (uint)m));
                Outbox.Enqueue(new WorkerMessage { Standing = standing });
                break;
            case CoordinatorMessage.KindOneofCase.Plan when message.Plan.Generation >= FencedBy && message.Plan.Generation > Generation:
                Take(message.Plan);
                break;
            case CoordinatorMessage.KindOneofCase.Stop or CoordinatorMessage.KindOneofCase.Release:
                Forget();
                break;
        }
    }

    public void Commit()
    {
        Committed++;
        Held.Clear();
    }

    /// <summary>Microbatches of the step under way that are this worker's by its plan.</summary>
    public IEnumerable<int> Mine() => Committed == Plan!.CommittedSteps
        ? Enumerable.Range(0, Plan.Owners.Count).Where(m => Plan.Owners[m] == Rank)
        : Enumerable.Range(Rank * Plan.Owners.Count / Plan.Members.Count, (Rank + 1) * Plan.Owners.Count / Plan.Members.Count - Rank * Plan.Owners.Count / Plan.Members.Count);

    private void Take(Plan plan)
    {
        Plan = plan;
        Generation = plan.Generation;
        Finished = false;
        var keeps = HasState && Committed == plan.CommittedSteps && (plan.StateSources.Count == 0 || plan.StateSources.Contains((uint)Rank));
        if (!keeps)
        {
            Held.Clear();
        }

        Held.RemoveWhere(m => plan.Owners[m] != Rank);
        (HasState, Committed) = (true, plan.CommittedSteps);
    }
}
