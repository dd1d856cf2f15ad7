namespace Dipnet.Modules;

/// <summary>Shape of a vision transformer.</summary>
public sealed record VisionTransformerOptions
{
    /// <summary>Height and width of the images, pixels; a multiple of <see cref="Patch"/>.</summary>
    public int ImageSize { get; init; } = 28;

    /// <summary>Channels of the images.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Side of a square patch, pixels.</summary>
    public int Patch { get; init; } = 7;

    /// <summary>Width of the residual stream; a multiple of <see cref="Heads"/>.</summary>
    public int Dim { get; init; } = 64;

    /// <summary>Number of blocks.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>Hidden width of a block's MLP over <see cref="Dim"/>.</summary>
    public int MlpRatio { get; init; } = 4;

    /// <summary>Number of classes.</summary>
    public int Classes { get; init; } = 10;

    /// <summary>Seed of the initial weights.</summary>
    public ulong Seed { get; init; }

    /// <summary>Projections; null: the same network without them.</summary>
    public ProjectionOptions? Projections { get; init; }

    /// <summary>Returns this, or throws with every setting that breaks its rule.</summary>
    public VisionTransformerOptions Validated()
    {
        List<string> errors = [];
        void Require(bool holds, string name, int value, string rule)
        {
            if (!holds)
                errors.Add($"{name} = {value}: {rule}");
        }
        Require(Patch >= 1, nameof(Patch), Patch, "must be at least 1");
        Require(ImageSize >= 1 && (Patch < 1 || ImageSize % Patch == 0), nameof(ImageSize), ImageSize, $"must be a multiple of {nameof(Patch)} ({Patch})");
        Require(Channels >= 1, nameof(Channels), Channels, "must be at least 1");
        Require(Heads >= 1, nameof(Heads), Heads, "must be at least 1");
        Require(Dim >= 1 && (Heads < 1 || Dim % Heads == 0), nameof(Dim), Dim, $"must be a multiple of {nameof(Heads)} ({Heads})");
        Require(Depth >= 1, nameof(Depth), Depth, "must be at least 1");
        Require(MlpRatio >= 1, nameof(MlpRatio), MlpRatio, "must be at least 1");
        Require(Classes >= 2, nameof(Classes), Classes, "must be at least 2");
        if (errors.Count > 0)
            throw new ArgumentException(string.Join(Environment.NewLine, errors));
        Projections?.Validated();
        return this;
    }
}
