namespace Dipnet.Modules;

/// <summary>A program for a GPU cannot be compiled, loaded or launched, or computes other bits than the CPU. The message is one line.</summary>
public sealed class CudaProgramException : Exception
{
    public CudaProgramException(string message) : base(message) { }
}
