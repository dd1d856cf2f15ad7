namespace Dipnet.Modules.Language;

/// <summary>Keys of random numbers in generation. The projections' noise and the draw of a token never share a stream.</summary>
internal static class TokenNoise
{
    /// <summary>Of projections: one stream a trajectory and layer over all positions, so that a token's noise is the same in whatever pieces the text is run.</summary>
    public static NoiseKey Projections(ulong seed) => new(seed, 0, 0) { Purpose = NoisePurpose.Generation };

    /// <summary>Of the choice of the token at a position.</summary>
    public static NoiseStream Draw(ulong seed, long position) =>
        (new NoiseKey(seed, (ulong)position, 1) { Purpose = NoisePurpose.Generation }).Stream(0, 0);
}
