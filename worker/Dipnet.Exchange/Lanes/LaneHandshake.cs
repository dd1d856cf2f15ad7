using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Dipnet.Protos;
using Google.Protobuf;

namespace Dipnet.Exchange;

/// <summary>
/// The first frames on a lane: the client sends what it would send to gRPC's Pull (magic u32, length u32, the protobuf PullRequest), the server
/// answers with magic and the length of a refusal, 0 when it serves; then chunks flow from server to client.
/// </summary>
internal static class LaneHandshake
{
    private const uint Magic = 0x314e_414c;
    private const int MostRequestBytes = 4096, MostRefusalBytes = 4096;

    public static async Task SendAsync(Socket socket, PullRequest request, CancellationToken cancellation) =>
        await SendFrameAsync(socket, request.ToByteArray(), cancellation).ConfigureAwait(false);

    public static async Task<PullRequest> ReceiveAsync(Socket socket, CancellationToken cancellation)
    {
        var bytes = await ReceiveFrameAsync(socket, MostRequestBytes, cancellation).ConfigureAwait(false);
        try
        {
            return PullRequest.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new ChunkRefusedException($"The lane's request cannot be read: {error.Message}");
        }
    }

    public static async Task AnswerAsync(Socket socket, string? refusal, CancellationToken cancellation)
    {
        var text = Encoding.UTF8.GetBytes(refusal ?? "");
        await SendFrameAsync(socket, text.AsMemory(0, Math.Min(text.Length, MostRefusalBytes)), cancellation).ConfigureAwait(false);
    }

    /// <exception cref="ChunkRefusedException">The server refuses; the message is its reason.</exception>
    public static async Task AwaitAnswerAsync(Socket socket, CancellationToken cancellation)
    {
        var text = await ReceiveFrameAsync(socket, MostRefusalBytes, cancellation).ConfigureAwait(false);
        if (text.Length > 0)
        {
            throw new ChunkRefusedException(Encoding.UTF8.GetString(text));
        }
    }

    private static async Task SendFrameAsync(Socket socket, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var frame = new byte[8 + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), body.Length);
        body.CopyTo(frame.AsMemory(8));
        for (var sent = 0; sent < frame.Length;)
        {
            sent += socket.Send(frame.AsSpan(sent), SocketFlags.None, out var error);
            await LaneSockets.PauseAsync(error, cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<byte[]> ReceiveFrameAsync(Socket socket, int most, CancellationToken cancellation)
    {
        var head = await ReceiveExactlyAsync(socket, 8, cancellation).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(4));
        if (BinaryPrimitives.ReadUInt32LittleEndian(head) != Magic || length < 0 || length > most)
        {
            throw new ChunkRefusedException("The connection does not begin like a lane.");
        }

        return await ReceiveExactlyAsync(socket, length, cancellation).ConfigureAwait(false);
    }

    private static async Task<byte[]> ReceiveExactlyAsync(Socket socket, int bytes, CancellationToken cancellation)
    {
        var buffer = new byte[bytes];
        for (var received = 0; received < bytes;)
        {
            var moved = socket.Receive(buffer.AsSpan(received), SocketFlags.None, out var error);
            await LaneSockets.PauseAsync(error, cancellation).ConfigureAwait(false);
            if (moved == 0 && error == SocketError.Success)
            {
                throw new IOException("The peer has closed the connection.");
            }

            received += moved;
        }

        return buffer;
    }
}
