using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Dipnet.Modules;

/// <summary>Applies corruptions to images [N, C, H, W] in [0, 1]; the result is in [0, 1], on the same device. Deterministic for a key.</summary>
public static class Corruptions
{
    /// <summary>The corrupted images; severity 1 … 5.</summary>
    public static Tensor Apply(Corruption corruption, int severity, Tensor images, NoiseKey key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(severity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(severity, 5);
        if (images.ndim != 4)
            throw new ArgumentException($"images of shape [{string.Join(", ", images.shape)}]: must be [N, C, H, W]", nameof(images));
        using var scope = torch.NewDisposeScope();
        using var none = torch.no_grad();
        var corrupted = corruption switch
        {
            Corruption.Noise => images + KeyedTensor.Normal(images.shape, key, images.device) * (0.1f * severity),
            Corruption.Impulse => Impulse(images, 0.04f * severity, key),
            Corruption.Blur => Blur(images, 0.25 + 0.35 * severity),
            Corruption.Contrast => Contrast(images, 0.825f - 0.125f * severity),
            Corruption.Brightness => images + 0.1f * severity,
            Corruption.Rotation => Rotate(images, 10 * severity * Math.PI / 180, key),
            Corruption.Translation => Translate(images, 0.05f * severity, key),
            Corruption.Occlusion => Occlude(images, 0.1 + 0.1 * severity, key),
            _ => throw new ArgumentOutOfRangeException(nameof(corruption), corruption, "unknown corruption"),
        };
        return corrupted.clamp(0, 1).MoveToOuterDisposeScope();
    }

    private static Tensor Impulse(Tensor images, float share, NoiseKey key)
    {
        var (n, h, w) = (images.shape[0], images.shape[2], images.shape[3]);
        var place = KeyedTensor.Uniform([n, 1, h, w], key, images.device);
        return torch.where(place.lt(share / 2), torch.zeros_like(images), torch.where(place.lt(share), torch.ones_like(images), images));
    }

    private static Tensor Blur(Tensor images, double sigma)
    {
        var (c, radius) = (images.shape[1], (int)Math.Ceiling(2.5 * sigma));
        var offsets = torch.arange(-radius, radius + 1, ScalarType.Float32, images.device);
        var line = (offsets.square() / (-2 * sigma * sigma)).exp();
        line = line / line.sum();
        var padded = F.pad(images, (radius, radius, radius, radius), PaddingModes.Replicate);
        var rows = F.conv2d(padded, line.view(1, 1, 1, -1).repeat(c, 1, 1, 1), groups: c);
        return F.conv2d(rows, line.view(1, 1, -1, 1).repeat(c, 1, 1, 1), groups: c);
    }

    private static Tensor Contrast(Tensor images, float factor)
    {
        var mean = images.mean([1, 2, 3], keepdim: true);
        return (images - mean) * factor + mean;
    }

    private static Tensor Rotate(Tensor images, double angle, NoiseKey key)
    {
        var side = KeyedTensor.Signs([images.shape[0]], key, images.device);
        var (sin, cos) = (side * Math.Sin(angle), torch.full_like(side, Math.Cos(angle)));
        var zero = torch.zeros_like(side);
        return Warp(images, [cos, sin.neg(), zero, sin, cos, zero]);
    }

    private static Tensor Translate(Tensor images, float share, NoiseKey key)
    {
        // The grid spans −1 … 1, so a share of the side is twice that in grid units.
        var direction = KeyedTensor.Uniform([images.shape[0]], key, images.device) * (2 * Math.PI);
        var (one, zero) = (torch.ones_like(direction), torch.zeros_like(direction));
        return Warp(images, [one, zero, direction.cos() * (2 * share), zero, one, direction.sin() * (2 * share)]);
    }

    private static Tensor Warp(Tensor images, Tensor[] matrix)
    {
        var theta = torch.stack(matrix, 1).view(-1, 2, 3);
        return F.grid_sample(images, F.affine_grid(theta, images.shape, align_corners: false), align_corners: false);
    }

    private static Tensor Occlude(Tensor images, double share, NoiseKey key)
    {
        var (n, h, w) = (images.shape[0], images.shape[2], images.shape[3]);
        var corner = KeyedTensor.Uniform([2, n, 1, 1], key, images.device);
        Tensor Inside(Tensor start, long side, long[] view)
        {
            var length = Math.Max(1, (long)Math.Round(share * side));
            var distance = torch.arange(side, ScalarType.Float32, images.device).view(view) - (start * (side - length + 1)).floor();
            return distance.ge(0).logical_and(distance.lt(length));
        }
        var covered = Inside(corner[0], h, [1, h, 1]).logical_and(Inside(corner[1], w, [1, 1, w])).unsqueeze(1);
        return images.masked_fill(covered, 0);
    }
}
