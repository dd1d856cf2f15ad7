using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Hashing;
using Dipnet.Protos;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Dipnet.Exchange;

/// <summary>One joining worker's catch-up: a queue of stripes that sources take from, so a slow one does less and a lost one's rest is done by others.</summary>
internal sealed class StatePull(
    SessionOptions session, ulong committedSteps, IStateTarget target, IProgress<long>? progress, string hostIdentity, ILogger logger)
{
    private const long StripeBytes = 16 << 20;
    private const int MostChunkBytes = 1 << 20;

    private readonly ConcurrentQueue<(long First, long End)> stripes = new();
    private readonly ConcurrentQueue<string> losses = new();
    private readonly ConcurrentDictionary<int, bool> lost = new();
    private long received;

    public async Task RunAsync(IReadOnlyList<int> sources, CancellationToken cancellation)
    {
        // Stripes of at most 16 MiB, smaller when that is needed to give every source some.
        var stripe = Math.Clamp(target.Bytes / (Math.Max(sources.Count, 1) * 4) / 4096 * 4096, 4096, StripeBytes);
        for (long first = 0; first < target.Bytes; first += stripe)
        {
            stripes.Enqueue((first, Math.Min(first + stripe, target.Bytes)));
        }

        using var channels = new PeerChannels(hostIdentity);
        while (Volatile.Read(ref received) < target.Bytes)
        {
            var left = sources.Where(rank => !lost.ContainsKey(rank)).ToArray();
            if (left.Length == 0)
            {
                throw new ExchangeException(
                    $"The state of {committedSteps} committed steps cannot be had from {sources.Count} sources: {string.Join(" ", losses)}");
            }

            await Task.WhenAll(left.Select(rank => DrainAsync(rank, channels, cancellation))).ConfigureAwait(false);
        }
    }

    private async Task DrainAsync(int rank, PeerChannels channels, CancellationToken cancellation)
    {
        var channel = channels.Create(session.Members[rank]);
        while (stripes.TryDequeue(out var stripe))
        {
            var at = stripe.First;
            string? reason = null;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(session.PullPatience);
            try
            {
                using var call = channel.CreateCallInvoker().AsyncServerStreamingCall(
                    ExchangeMethods.PullState(Receive), null, new CallOptions(cancellationToken: patience.Token), Request(stripe));
                while (await call.ResponseStream.MoveNext(patience.Token).ConfigureAwait(false))
                {
                    patience.CancelAfter(session.PullPatience);
                }

                reason = at == stripe.End ? null : $"it ended at byte {at} of a stripe that ends at {stripe.End}.";
            }
            catch (Exception error) when (error is RpcException or OperationCanceledException)
            {
                cancellation.ThrowIfCancellationRequested();
                reason = patience.IsCancellationRequested
                    ? FormattableString.Invariant($"it sent nothing for {session.PullPatience.TotalSeconds:0.#} s.")
                    : error.InnerException?.Message ?? (error as RpcException)?.Status.Detail ?? error.Message;
            }

            if (reason is not null)
            {
                stripes.Enqueue((at, stripe.End));
                losses.Enqueue($"Rank {rank}: {reason}");
                lost[rank] = true;
                ExchangeLog.StateSourceLost(logger, rank, reason);
                return;
            }

            void Receive(in ChunkHeader header, ulong checksum, in ReadOnlySequence<byte> payload)
            {
                Check(header, checksum, payload, at, stripe.End);
                foreach (var part in payload)
                {
                    target.Write(at, part.Span);
                    at += part.Length;
                }

                var total = Interlocked.Add(ref received, payload.Length);
                progress?.Report(total);
            }
        }
    }

    private static void Check(in ChunkHeader header, ulong checksum, in ReadOnlySequence<byte> payload, long at, long end)
    {
        if (header.FirstElement != (ulong)at || header.Elements != payload.Length || payload.Length is 0 or > MostChunkBytes
            || payload.Length > end - at)
        {
            throw new ChunkRefusedException($"State bytes {header.FirstElement}+{header.Elements} came where {at} to {end} is due.");
        }

        var hash = new XxHash3();
        foreach (var part in payload)
        {
            hash.Append(part.Span);
        }

        if (hash.GetCurrentHashAsUInt64() != checksum)
        {
            throw new ChunkRefusedException($"State bytes {header.FirstElement}+{header.Elements} do not match their checksum.");
        }
    }

    private StateRequest Request((long First, long End) stripe) => new()
    {
        Credentials = new Credentials
        {
            JobId = session.Job,
            Generation = session.Generation,
            Token = UnsafeByteOperations.UnsafeWrap(session.Token),
            Rank = (uint)session.Rank,
        },
        CommittedSteps = committedSteps,
        FirstByte = (ulong)stripe.First,
        Bytes = (ulong)(stripe.End - stripe.First),
    };
}
