namespace Dipnet.Modules.Tests.Native.Cuda;

public sealed class CudaProgramTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(int.MaxValue, 1024)]
    public void CheckSize_WhatADeviceTakes_Passes(long blocks, int threads)
    {
        CudaProgram.CheckSize(blocks, threads);
    }

    [Theory]
    [InlineData(0, 256, "blocks")]
    [InlineData(1L << 31, 256, "blocks")]
    [InlineData((1L << 32) + 1, 256, "blocks")]
    [InlineData(1, 0, "threads")]
    [InlineData(1, 1025, "threads")]
    public void CheckSize_MoreOrLess_NamesTheArgument(long blocks, int threads, string argument)
    {
        Assert.Equal(argument, Assert.Throws<ArgumentOutOfRangeException>(() => CudaProgram.CheckSize(blocks, threads)).ParamName);
    }

    [Fact]
    public void Compile_ArgumentsThatMakeNoSense_AreRefusedBeforeAnyLibraryIsLookedFor()
    {
        Assert.Equal("name", Assert.Throws<ArgumentException>(() => CudaProgram.Compile("", "source", 0, "kernel")).ParamName);
        Assert.Equal("source", Assert.Throws<ArgumentException>(() => CudaProgram.Compile("name", "", 0, "kernel")).ParamName);
        Assert.Equal("device", Assert.Throws<ArgumentOutOfRangeException>(() => CudaProgram.Compile("name", "source", -1, "kernel")).ParamName);
        Assert.Equal("kernels", Assert.Throws<ArgumentException>(() => CudaProgram.Compile("name", "source", 0)).ParamName);
    }
}
