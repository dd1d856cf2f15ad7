using System.Text.Json.Serialization;
using Dipnet.Coordinator.Checkpoints;
using Dipnet.Coordinator.Membership;

namespace Dipnet.Coordinator.Training;

/// <summary>What a job is after a restart of the coordinator: everything durable about it.</summary>
internal sealed class JobRecord
{
    public string JobId { get; set; } = "";

    /// <summary>The resolved <see cref="Protos.JobSpec"/>.</summary>
    public byte[] Spec { get; set; } = [];

    public string RunFolder { get; set; } = "";

    /// <summary>Of a drill, as submitted: "kill:1@20". The worker is its place in the order of joining.</summary>
    public List<string> Faults { get; set; } = [];

    public string Status { get; set; } = "";
    public string Reason { get; set; } = "";
    public DateTimeOffset Submitted { get; set; }
    public DateTimeOffset? Started { get; set; }
    public DateTimeOffset? Ended { get; set; }

    public MembershipState Membership { get; set; } = new();

    /// <summary>Workers that ever joined.</summary>
    public int Joined { get; set; }

    /// <summary>Published, oldest first.</summary>
    public List<PublishedCheckpoint> Checkpoints { get; set; } = [];

    /// <summary>Shards whose checkpoint is not complete yet.</summary>
    public List<PendingShard> Shards { get; set; } = [];

    /// <summary>Where a new job starts from: an absolute checkpoint folder; empty: afresh.</summary>
    public string Origin { get; set; } = "";
    public ulong OriginSteps { get; set; }

    /// <summary>Newest step at which all members' digests were equal.</summary>
    public ulong AgreedSteps { get; set; }

    /// <summary>Times that digests differed since <see cref="AgreedSteps"/> grew.</summary>
    public int Differences { get; set; }

    /// <summary>Newest events, newest last.</summary>
    public List<RecordedEvent> Events { get; set; } = [];

    public ulong CommittedSteps { get; set; }
    public ulong FaultStep { get; set; }
    public int FaultsAtStep { get; set; }

    public string WeightsSha256 { get; set; } = "";
    public Dictionary<string, double> Metrics { get; set; } = [];
    public List<RecordedSigma> Sigma { get; set; } = [];
    public string Transport { get; set; } = "";

    /// <summary>What workers received that are members no more; for all of it see <see cref="Received"/>.</summary>
    public ReceivedBytes ReceivedByFormer { get; set; }

    public double SamplesPerSecond { get; set; }

    /// <summary>What all workers that ever were members received, as far as they said so.</summary>
    [JsonIgnore] public ReceivedBytes Received => Membership.Members.Aggregate(ReceivedByFormer, (sum, m) => sum + m.Received);
}
