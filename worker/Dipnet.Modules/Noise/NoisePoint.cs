namespace Dipnet.Modules;

/// <summary>A place in a noise scope from which the same noise can be drawn again.</summary>
public readonly record struct NoisePoint
{
    internal NoisePoint(bool active, NoiseKey key, int trajectories, int firstTrajectory, long firstPosition, int[] uses)
    {
        Active = active;
        Key = key;
        Trajectories = trajectories;
        FirstTrajectory = firstTrajectory;
        FirstPosition = firstPosition;
        Uses = uses;
    }

    internal bool Active { get; }
    internal NoiseKey Key { get; }
    internal int Trajectories { get; }
    internal int FirstTrajectory { get; }
    internal long FirstPosition { get; }
    internal int[] Uses { get; }
}
