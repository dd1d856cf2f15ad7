namespace Dipnet.Worker.Checkpoints;

/// <summary>Keeps shards from taking the last bytes of a disk, which the job's own records need to go on and to end.</summary>
internal static class DiskReserve
{
    /// <summary>What stays free, bytes.</summary>
    public const long Bytes = 16 << 20;

    /// <exception cref="IOException">There is no room for <paramref name="bytes"/> bytes.</exception>
    public static void Require(string folder, long bytes)
    {
        if (new DriveInfo(folder).AvailableFreeSpace is var free && free < bytes + Bytes)
        {
            throw new IOException(
                $"the disk is full: {free / 1e6:0.0} MB are free, the shard takes {bytes / 1e6:0.0} MB, and {Bytes / 1e6:0.0} MB stay free for the job's records");
        }
    }
}
