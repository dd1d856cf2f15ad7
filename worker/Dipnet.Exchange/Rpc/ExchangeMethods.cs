using System.Buffers;
using Dipnet.Protos;
using Google.Protobuf;
using Grpc.Core;

namespace Dipnet.Exchange;

/// <summary>The service's methods with marshallers that copy between the wire and gradient memory and allocate nothing of a chunk's size.</summary>
internal static unsafe class ExchangeMethods
{
    private const string Service = "dipnet.v1.Exchange";
    private const int CopyBytes = 64 * 1024;
    private static readonly object Taken = new();

    public static readonly Method<PullRequest, OutgoingChunk> ServePull =
        new(MethodType.ServerStreaming, Service, "Pull", Message(PullRequest.Parser), Serving());

    public static readonly Method<StateRequest, OutgoingChunk> ServeState =
        new(MethodType.ServerStreaming, Service, "PullState", Message(StateRequest.Parser), Serving());

    public static readonly Method<PingRequest, PingReply> Ping =
        new(MethodType.Unary, Service, "Ping", Message(PingRequest.Parser), Message(PingReply.Parser));

    public delegate void Receiver(in ChunkHeader header, ulong checksum, in ReadOnlySequence<byte> payload);

    /// <summary>Pull as one stream's receiver sees it: a message is taken while it is read, and what the call returns says nothing.</summary>
    public static Method<PullRequest, object> Pull(Receiver receiver) =>
        new(MethodType.ServerStreaming, Service, "Pull", Message(PullRequest.Parser), Receiving(receiver));

    public static Method<StateRequest, object> PullState(Receiver receiver) =>
        new(MethodType.ServerStreaming, Service, "PullState", Message(StateRequest.Parser), Receiving(receiver));

    private static Marshaller<object> Receiving(Receiver receiver) => Marshallers.Create<object>(
        (_, _) => throw new NotSupportedException("Chunks are sent by servers."),
        context =>
        {
            var refusal = ChunkCodec.Read(context.PayloadAsReadOnlySequence(), out var header, out var checksum, out var payload);
            if (refusal is not null)
            {
                throw new ChunkRefusedException(refusal);
            }

            receiver(header, checksum, payload);
            return Taken;
        });

    private static Marshaller<OutgoingChunk> Serving() => Marshallers.Create<OutgoingChunk>(
        (chunk, context) =>
        {
            Span<byte> head = stackalloc byte[ChunkCodec.MostHeadBytes];
            var headBytes = ChunkCodec.WriteHead(head, chunk.Header, chunk.Checksum, chunk.PayloadBytes);
            context.SetPayloadLength(headBytes + chunk.PayloadBytes);
            var writer = context.GetBufferWriter();
            writer.Write(head[..headBytes]);
            for (var done = 0; done < chunk.PayloadBytes;)
            {
                var part = new ReadOnlySpan<byte>(chunk.Payload + done, Math.Min(CopyBytes, chunk.PayloadBytes - done));
                part.CopyTo(writer.GetSpan(part.Length));
                writer.Advance(part.Length);
                done += part.Length;
            }

            context.Complete();
        },
        _ => throw new NotSupportedException("Chunks are received by clients."));

    private static Marshaller<T> Message<T>(MessageParser<T> parser)
        where T : class, IMessage<T> =>
        Marshallers.Create<T>(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
}
