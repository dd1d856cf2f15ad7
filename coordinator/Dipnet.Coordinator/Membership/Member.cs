using System.Text.Json.Serialization;
using Dipnet.Coordinator.Training;
using Dipnet.Protos;

namespace Dipnet.Coordinator.Membership;

/// <summary>A worker that belongs to a job. What is not ignored in JSON is durable.</summary>
internal sealed class Member
{
    public required string WorkerId { get; init; }
    public string Host { get; set; } = "";
    public string HostIdentity { get; set; } = "";
    public int ProcessId { get; set; }
    public string Device { get; set; } = "";
    public byte[] Endpoints { get; set; } = [];

    /// <summary>Rank in the newest plan; −1 before it was in one.</summary>
    public int Rank { get; set; } = -1;

    /// <summary>It takes part in the newest fence or plan.</summary>
    public bool Participates { get; set; }

    public Departure Departure { get; set; }

    /// <summary>What it holds differs from the others' (or was never checked against them) and must not be used.</summary>
    public bool Distrusted { get; set; }

    /// <summary>What it received over its part in the job.</summary>
    public ReceivedBytes Received { get; set; }

    /// <summary>Identifies its stream; null while it has none (after a restart of the coordinator).</summary>
    [JsonIgnore] public Guid? Connection { get; set; }

    /// <summary>Not null: its stream ended or it reported a fault, and why.</summary>
    [JsonIgnore] public string? Death { get; set; }

    /// <summary>The generation of the plan that it last said it trains under.</summary>
    [JsonIgnore] public ulong Generation { get; set; }

    [JsonIgnore] public DateTimeOffset LastHeard { get; set; }
    [JsonIgnore] public DateTimeOffset LastProgress { get; set; }
    [JsonIgnore] public Phase Phase { get; set; }
    [JsonIgnore] public ulong CommittedSteps { get; set; }
    [JsonIgnore] public uint MicrobatchesDone { get; set; }
    [JsonIgnore] public IReadOnlyList<int> WaitingFor { get; set; } = [];
    [JsonIgnore] public ulong ResidentBytes { get; set; }
    [JsonIgnore] public double StepSeconds { get; set; }
    [JsonIgnore] public MemberStanding? Standing { get; set; }

    /// <summary>It makes steps beyond the given ones, or has made some, so that it has their state.</summary>
    public bool HasTrainedFrom(ulong committedSteps) =>
        CommittedSteps > committedSteps || Phase is Phase.Compute or Phase.Exchange or Phase.Optimizer or Phase.Checkpoint or Phase.Evaluation;

    /// <summary>The model is built and the data are there: taking it in holds nobody up.</summary>
    [JsonIgnore] public bool Ready { get; set; }
}
