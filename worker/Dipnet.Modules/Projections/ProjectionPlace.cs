namespace Dipnet.Modules;

/// <summary>Which inputs of a network are projected.</summary>
public enum ProjectionPlace
{
    /// <summary>The input of every block and of the head.</summary>
    Blocks,

    /// <summary>The input of every sub-layer (attention and MLP apart) and of the head.</summary>
    Sublayers,
}
