namespace Dipnet.Modules.Tests.Native.Cuda;

public sealed class CudaCheckTests
{
    [Fact]
    public void SameBits_EqualValues_Passes()
    {
        CudaCheck.SameBits("what", [1, -0f, float.NaN], [1, -0f, float.NaN]);
    }

    [Fact]
    public void SameBits_ADifferenceInTheLastBit_NamesTheFirstValueAndCounts()
    {
        var message = Assert.Throws<CudaProgramException>(
            () => CudaCheck.SameBits("cuda:0 draws other noise than the CPU", [1, MathF.BitIncrement(2), 3, 0], [1, 2, 3, -0f])).Message;

        Assert.Equal("cuda:0 draws other noise than the CPU at value 1: 2.0000002 (0x40000001) instead of 2 (0x40000000); 2 of 4 values differ", message);
    }

    [Fact]
    public void SameBits_AnotherNumberOfValues_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => CudaCheck.SameBits("what", [1], [1, 2]));
    }
}
