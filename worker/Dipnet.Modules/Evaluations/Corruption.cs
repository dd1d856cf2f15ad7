namespace Dipnet.Modules;

/// <summary>Changes of images that a model was not trained on.</summary>
public enum Corruption
{
    /// <summary>Gaussian noise, σ 0.1 … 0.5.</summary>
    Noise,

    /// <summary>A share of pixels, 4 … 20 %, becomes black or white.</summary>
    Impulse,

    /// <summary>Gaussian blur, σ 0.6 … 2 pixels.</summary>
    Blur,

    /// <summary>Contrast reduced to 0.7 … 0.2 around the image's mean.</summary>
    Contrast,

    /// <summary>0.1 … 0.5 added to every pixel.</summary>
    Brightness,

    /// <summary>Turned by 10 … 50 degrees, to a random side.</summary>
    Rotation,

    /// <summary>Moved by 5 … 25 % of its size in a random direction.</summary>
    Translation,

    /// <summary>A random square of 20 … 60 % of the side is black.</summary>
    Occlusion,
}
