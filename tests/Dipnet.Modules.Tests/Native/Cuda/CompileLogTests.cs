namespace Dipnet.Modules.Tests.Native.Cuda;

public sealed class CompileLogTests
{
    [Fact]
    public void FirstErrors_LogWithWarningsAndErrors_AreThreeErrorsInOneLine()
    {
        const string log = """
            noise.cu(3): warning #177-D: variable "y" was declared but never referenced
                float y;
                      ^

            noise.cu(4): error: identifier "x" is undefined
                float z = x;
                          ^

            noise.cu(5): error: expected a ";"
            noise.cu(6): error: expected a ")"
            noise.cu(7): error: expected a "}"

            4 errors detected in the compilation of "noise.cu".
            """;

        Assert.Equal(
            """noise.cu(4): error: identifier "x" is undefined; noise.cu(5): error: expected a ";"; noise.cu(6): error: expected a ")" """.TrimEnd(),
            CompileLog.FirstErrors(log));
    }

    [Theory]
    [InlineData("nvrtc: error: invalid value for --gpu-architecture (-arch)\n", "nvrtc: error: invalid value for --gpu-architecture (-arch)")]
    [InlineData("\n  ptxas fatal   : Value 'sm_999' is not defined\nmore\n", "ptxas fatal   : Value 'sm_999' is not defined")]
    [InlineData("", "")]
    public void FirstErrors_OtherLogs_AreTheLineThatSaysMost(string log, string expected)
    {
        Assert.Equal(expected, CompileLog.FirstErrors(log));
    }
}
