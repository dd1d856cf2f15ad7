namespace Dipnet.Modules;

/// <summary>libtorch or TorchSharp's native library cannot be loaded. The message names the file, what is wrong with it and what to do.</summary>
public sealed class TorchNativeException : Exception
{
    public TorchNativeException(string message) : base(message) { }

    public TorchNativeException(string message, Exception inner) : base(message, inner) { }
}
