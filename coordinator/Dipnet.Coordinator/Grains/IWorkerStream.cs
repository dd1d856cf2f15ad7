namespace Dipnet.Coordinator.Grains;

/// <summary>A worker's stream, in whatever silo it is connected to. Best effort: what is lost shows as the worker's silence.</summary>
internal interface IWorkerStream : IGrainObserver
{
    /// <summary>Serialised <see cref="Protos.CoordinatorMessage"/>s, sent in this order.</summary>
    [OneWay]
    Task Send([Immutable] byte[][] messages);

    /// <summary>Ends the stream.</summary>
    [OneWay]
    Task Close(string reason);
}
