using Dipnet.Protos;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Dipnet.Exchange;

/// <summary>The serving side over gRPC. What does not match the open session is refused with FAILED_PRECONDITION.</summary>
internal sealed class ExchangeService(SessionGate gate, ILogger logger)
{
    private const int StateChunkBytes = 512 * 1024;

    public async Task Pull(PullRequest request, IServerStreamWriter<OutgoingChunk> writer, ServerCallContext context)
    {
        var session = await AdmitAsync(request.Credentials, context).ConfigureAwait(false);
        if (SessionGate.RefusalOf(session, request) is { } refusal)
        {
            throw Refuse(refusal);
        }

        await ServeAsync(session, context, cancellation => SendAsync(session, request, writer, cancellation)).ConfigureAwait(false);
    }

    public async Task PullState(StateRequest request, IServerStreamWriter<OutgoingChunk> writer, ServerCallContext context)
    {
        var session = await AdmitAsync(request.Credentials, context).ConfigureAwait(false);
        var state = session.Options.State ?? throw Refuse($"Rank {session.Options.Rank} has no state to give.");
        if (state.CommittedSteps != request.CommittedSteps)
        {
            throw Refuse($"State of {request.CommittedSteps} committed steps was asked for; rank {session.Options.Rank} is at {state.CommittedSteps}.");
        }

        if (request.FirstByte > (ulong)state.Bytes || request.Bytes > (ulong)state.Bytes - request.FirstByte)
        {
            throw Refuse($"State bytes {request.FirstByte}+{request.Bytes} were asked for; the state has {state.Bytes}.");
        }

        await ServeAsync(session, context, cancellation => SendStateAsync(state, request, writer, cancellation)).ConfigureAwait(false);
    }

    public async Task<PingReply> Ping(PingRequest request, ServerCallContext context)
    {
        var session = await AdmitAsync(request.Credentials, context).ConfigureAwait(false);
        return new PingReply
        {
            Generation = session.Options.Generation,
            CommittedSteps = session.Options.State?.CommittedSteps ?? 0,
            SharedMemory = session.Options.Arena.SharedPath ?? "",
        };
    }

    private static async Task SendAsync(
        ExchangeSession session, PullRequest request, IServerStreamWriter<OutgoingChunk> writer, CancellationToken cancellation)
    {
        using var stream = new OutgoingStream(
            session.Frame, request.Stream, (int)request.Credentials.Rank, request.FirstStep, session.StepFrom(request.FirstStep));
        session.Loop.Serve(stream);
        try
        {
            var chunk = new OutgoingChunk();
            while (true)
            {
                if (!stream.TryNext())
                {
                    await stream.WaitAsync(cancellation).ConfigureAwait(false);
                    continue;
                }

                Fill(chunk, stream);
                await writer.WriteAsync(chunk, cancellation).ConfigureAwait(false);
                stream.Sent();
            }
        }
        finally
        {
            session.Loop.Unserve(stream);
        }
    }

    private static unsafe void Fill(OutgoingChunk chunk, OutgoingStream stream)
    {
        chunk.Header = stream.Header;
        chunk.Checksum = stream.Checksum;
        chunk.Payload = stream.Payload;
        chunk.PayloadBytes = stream.PayloadBytes;
    }

    private static async Task SendStateAsync(
        IStateSource state, StateRequest request, IServerStreamWriter<OutgoingChunk> writer, CancellationToken cancellation)
    {
        using var buffer = new StateBuffer(StateChunkBytes);
        var chunk = new OutgoingChunk();
        for (ulong done = 0; done < request.Bytes;)
        {
            var bytes = (int)Math.Min(StateChunkBytes, request.Bytes - done);
            buffer.Fill(chunk, state, request.CommittedSteps, request.FirstByte + done, bytes);
            if (state.CommittedSteps != request.CommittedSteps)
            {
                throw Refuse($"The state went on to {state.CommittedSteps} committed steps while {request.CommittedSteps} was read.");
            }

            await writer.WriteAsync(chunk, cancellation).ConfigureAwait(false);
            done += (ulong)bytes;
        }
    }

    private static RpcException Refuse(string reason) => new(new Status(StatusCode.FailedPrecondition, reason));

    private async Task<ExchangeSession> AdmitAsync(Credentials? credentials, ServerCallContext context)
    {
        var (session, refusal) = await gate.AdmitAsync(credentials, context.CancellationToken).ConfigureAwait(false);
        if (session is null)
        {
            ExchangeLog.Refused(logger, refusal!);
            throw Refuse(refusal!);
        }

        return session;
    }

    /// <summary>Serves until the caller leaves or the session closes; the session's memory stays until this has returned.</summary>
    private static async Task ServeAsync(ExchangeSession session, ServerCallContext context, Func<CancellationToken, Task> body)
    {
        var handler = session.Enter() ?? throw Refuse($"Generation {session.Options.Generation} is closed.");
        try
        {
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, session.Closing);
            await body(linked.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (session.Closing.IsCancellationRequested || context.CancellationToken.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, $"Generation {session.Options.Generation} is closed.", error));
        }
        catch (ChunkRefusedException refusal)
        {
            throw Refuse(refusal.Message);
        }
        finally
        {
            handler.SetResult();
        }
    }
}
