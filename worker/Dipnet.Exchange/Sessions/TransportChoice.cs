namespace Dipnet.Exchange;

/// <summary>How gradients travel between two workers.</summary>
public enum TransportChoice
{
    /// <summary>Shared memory on one host, plain sockets between hosts, gRPC where those cannot be had.</summary>
    Auto,

    /// <summary>Read in place from the peer's mapped memory.</summary>
    Shm,

    /// <summary>Server-streaming pulls; pass any proxy.</summary>
    Grpc,

    /// <summary>Plain sockets that the generation's credentials open.</summary>
    Lane,
}
