using TorchSharp;
using static TorchSharp.torch;

namespace Dipnet.Modules;

/// <summary>
/// The noise of the current thread's forward passes. While a scope lives, projections draw from its key; without one they are the identity
/// (prediction in <c>mean</c> mode). The first dimension of every input holds k·b rows, trajectory-major: rows [t·b, (t+1)·b) are trajectory
/// first + t. Scopes nest; dispose on the thread that began it.
/// </summary>
public sealed class NoiseScope : IDisposable
{
    [ThreadStatic]
    private static NoiseScope? current;

    private readonly NoiseScope? outer;
    private readonly bool silent;
    private int[] uses = [];

    private NoiseScope(NoiseKey key, int trajectories, int firstTrajectory, long firstPosition, bool silent)
    {
        FirstPosition = firstPosition;
        Key = key;
        Trajectories = trajectories;
        FirstTrajectory = firstTrajectory;
        this.silent = silent;
        outer = current;
        current = this;
    }

    /// <summary>The scope that projections draw from now; null: projections are the identity.</summary>
    public static NoiseScope? Current => current is { silent: false } scope ? scope : null;

    public NoiseKey Key { get; }

    /// <summary>k: trajectories in one batch.</summary>
    public int Trajectories { get; }

    /// <summary>Number of the batch's first trajectory; a batch too large for memory is run in pieces that begin where the last ended.</summary>
    public int FirstTrajectory { get; }

    /// <summary>
    /// Position of the first token of inputs [k, tokens, features], one row a trajectory: a sequence that is run in pieces gets the noise that it gets in one.
    /// </summary>
    public long FirstPosition { get; }

    /// <summary>Begins a scope.</summary>
    public static NoiseScope Begin(NoiseKey key, int trajectories = 1, int firstTrajectory = 0, long firstPosition = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trajectories, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(firstTrajectory);
        ArgumentOutOfRangeException.ThrowIfNegative(firstPosition);
        return new NoiseScope(key, trajectories, firstTrajectory, firstPosition, silent: false);
    }

    /// <summary>Begins a scope in which projections are the identity.</summary>
    public static NoiseScope Silence() => new(default, 1, 0, 0, silent: true);

    /// <summary>What is needed to draw the same noise again from here on; see <see cref="Replay"/>.</summary>
    public static NoisePoint Capture() =>
        Current is { } scope ? new NoisePoint(true, scope.Key, scope.Trajectories, scope.FirstTrajectory, scope.FirstPosition, (int[])scope.uses.Clone()) : default;

    /// <summary>Begins a scope that draws what the captured one drew after <see cref="Capture"/>, on any thread.</summary>
    public static NoiseScope Replay(NoisePoint point) =>
        point.Active ? new NoiseScope(point.Key, point.Trajectories, point.FirstTrajectory, point.FirstPosition, silent: false) { uses = (int[])point.Uses.Clone() } : Silence();

    /// <summary>
    /// Standard normal noise of shape [k·b, …], fp32, on <paramref name="device"/>, for <paramref name="layer"/>. A layer that is used several times in one
    /// pass gets fresh noise each time.
    /// </summary>
    /// <exception cref="ArgumentException">The first dimension is not a multiple of the number of trajectories.</exception>
    /// <exception cref="CudaProgramException">The device's kernel cannot be had, or draws other noise than the CPU.</exception>
    public Tensor Normal(ReadOnlySpan<long> shape, int layer, Device device)
    {
        if (shape.Length == 0 || shape[0] % Trajectories != 0)
            throw new ArgumentException($"input of shape [{string.Join(", ", shape.ToArray())}] under {Trajectories} trajectories: the first dimension must be a multiple of the trajectories (k·b rows, trajectory-major)", nameof(shape));
        if (FirstPosition > 0 && (shape[0] != Trajectories || shape.Length != 3))
            throw new ArgumentException($"input of shape [{string.Join(", ", shape.ToArray())}] from position {FirstPosition} on: must be [{Trajectories} trajectories, tokens, features]", nameof(shape));
        var occurrence = NextUse(layer);
        var offset = FirstPosition * shape[^1];
        if (device.type == DeviceType.CUDA)
        {
            // The kernel counts trajectories up from the first; that the last has a stream too is looked at here.
            _ = Key.Stream(FirstTrajectory + Trajectories - 1, layer, occurrence);
            return CudaNoise.Draw(shape, Key.Stream(FirstTrajectory, layer, occurrence), device, normal: true, Trajectories, offset);
        }
        var noise = torch.empty(shape.ToArray(), ScalarType.Float32, torch.CPU);
        NoiseFill.Fill(BlobTensor.Pointer(noise), noise.numel() / Trajectories, Trajectories, t => Key.Stream(FirstTrajectory + t, layer, occurrence), offset);
        return noise;
    }

    public void Dispose()
    {
        if (current == this)
            current = outer;
    }

    private int NextUse(int layer)
    {
        if (layer >= uses.Length)
            Array.Resize(ref uses, Math.Max(layer + 1, 2 * uses.Length));
        return uses[layer]++;
    }
}
