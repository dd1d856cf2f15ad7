namespace Dipnet.Modules.Tests.Noise;

public sealed class PhiloxTests
{
    // Known-answer vectors of the Random123 distribution, philox4x32 with 10 rounds.
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Block_PublishedCounter_GivesThePublishedWords(
        uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint x0, uint x1, uint x2, uint x3) =>
        Assert.Equal((x0, x1, x2, x3), Philox.Block(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void Blocks16_AnyStream_EqualsSixteenBlocks()
    {
        var stream = new NoiseStream(0xa4093822, 0x299f31d0, 0x85a308d3, 0x13198a2e, 0x03707344);
        Philox.Blocks16(stream, 0x243f6a88, out var x0, out var x1, out var x2, out var x3);
        for (var i = 0; i < 16; i++)
        {
            var expected = Philox.Block(0x243f6a88 + (uint)i, stream.Counter1, stream.Counter2, stream.Counter3, stream.Key0, stream.Key1);
            Assert.Equal(expected, (x0[i], x1[i], x2[i], x3[i]));
        }
    }
}
