using System.Security.Cryptography;
using Dipnet.Protos;

namespace Dipnet.Exchange;

/// <summary>
/// Knows the open session and decides who may talk to it. A request of a later generation waits a while, since peers open theirs at slightly
/// different times; everything else that does not match is refused with what both sides have.
/// </summary>
internal sealed class SessionGate(TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Lock gate = new();
    private ExchangeSession? current;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ExchangeSession? Current
    {
        get
        {
            lock (gate)
            {
                return current;
            }
        }
    }

    public void Open(ExchangeSession? session)
    {
        lock (gate)
        {
            current = session;
            var before = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            before.SetResult();
        }
    }

    public async Task<(ExchangeSession? Session, string? Refusal)> AdmitAsync(Credentials? credentials, CancellationToken cancellation)
    {
        if (credentials is null)
        {
            return (null, "The request has no credentials.");
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        while (true)
        {
            Task change;
            ExchangeSession? session;
            lock (gate)
            {
                session = current;
                change = changed.Task;
            }

            var open = session is not null && !session.Closing.IsCancellationRequested;
            if (open && credentials.Generation <= session!.Options.Generation)
            {
                var refusal = RefusalOf(session.Options, credentials);
                return refusal is null ? (session, null) : (null, refusal);
            }

            try
            {
                await change.WaitAsync(linked.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return (null, $"Generation {credentials.Generation} of job {credentials.JobId} was asked for; "
                    + (open ? $"this worker is at generation {session!.Options.Generation} of job {session.Options.Job}." : "this worker has no session open."));
            }
        }
    }

    /// <summary>Why a pull does not fit the session, or null.</summary>
    public static string? RefusalOf(ExchangeSession session, PullRequest request)
    {
        var wire = session.Options.Wire == WireFormat.Bf16 ? "bf16" : "fp32";
        return request.Wire != wire ? $"The wire format is {wire}, but {request.Wire} was asked for."
            : request.Layout != session.Options.Layout.Fingerprint
                ? $"The gradient's layout is {session.Options.Layout.Fingerprint:x16}, but {request.Layout:x16} was asked for."
            : request.Stream is not (Protos.Stream.Nodes or Protos.Stream.Results) ? $"There is no stream {(int)request.Stream}."
            : null;
    }

    private static string? RefusalOf(SessionOptions options, Credentials credentials) =>
        credentials.JobId != options.Job ? $"The request is of job {credentials.JobId}; this worker works on {options.Job}."
        : credentials.Generation != options.Generation
            ? $"The request is of generation {credentials.Generation}; this worker is at {options.Generation}."
        : !CryptographicOperations.FixedTimeEquals(credentials.Token.Span, options.Token.Span)
            ? $"The token is not that of generation {options.Generation}."
        : credentials.Rank >= (uint)options.World || credentials.Rank == (uint)options.Rank
            ? $"Rank {credentials.Rank} is not a peer of rank {options.Rank} among {options.World}."
        : null;
}
