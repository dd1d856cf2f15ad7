using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dipnet.Exchange;

/// <summary>One plain socket that carries one stream in one direction, driven by the exchange thread without ever blocking it.</summary>
internal abstract unsafe class Lane : IDisposable
{
    private readonly Socket socket;
    private readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected Lane(Socket socket)
    {
        this.socket = socket;
        socket.Blocking = false;
        File = (int)socket.SafeHandle.DangerousGetHandle();
    }

    public int File { get; }

    /// <summary>What to poll for; 0 when nothing can happen on the socket now.</summary>
    public abstract short Events { get; }

    /// <summary>Completes with the reason when the lane is of no more use.</summary>
    public Task<string> Ended => ended.Task;

    public bool IsEnded => ended.Task.IsCompleted;

    /// <summary>Moves at most one chunk. True when it moved anything.</summary>
    public bool Pump()
    {
        try
        {
            return !IsEnded && Advance();
        }
        catch (ChunkRefusedException refusal)
        {
            End(refusal.Message);
            return true;
        }
    }

    public void End(string reason)
    {
        if (ended.TrySetResult(reason))
        {
            socket.Dispose();
        }
    }

    public virtual void Dispose() => End("The session is closed.");

    protected abstract bool Advance();

    /// <summary>Bytes moved; 0 when the socket would block; -1 when the lane has ended.</summary>
    protected int Send(byte* from, int bytes, bool more) =>
        Result(Libc.Send(File, from, (nuint)bytes, Libc.DontWait | Libc.NoSignal | (more ? Libc.More : 0)), bytes);

    protected int Receive(byte* to, int bytes)
    {
        var received = Libc.Receive(File, to, (nuint)bytes, Libc.DontWait);
        if (received == 0)
        {
            End("The peer has closed the connection.");
            return -1;
        }

        return Result(received, bytes);
    }

    private int Result(nint moved, int wanted)
    {
        if (moved > 0 || wanted == 0)
        {
            return (int)moved;
        }

        if (Marshal.GetLastPInvokeError() is Libc.TryAgain or Libc.Interrupted)
        {
            return 0;
        }

        End(Marshal.GetLastPInvokeErrorMessage());
        return -1;
    }
}
