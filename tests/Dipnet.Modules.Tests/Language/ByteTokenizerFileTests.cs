using Dipnet.Modules.Language;

namespace Dipnet.Modules.Tests.Language;

public sealed class ByteTokenizerFileTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("bytes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Tom has 3 apples.\n\n  Two more?")]
    [InlineData("naïve 日本 🙂 \u0000\u00ad")]
    [InlineData("a<|end|>b")]
    public void WrittenFile_LoadedAgain_GivesTheSameIds(string text)
    {
        ByteTokenizerFile.Write(_folder);
        var (expected, found) = (new ByteTokenizer(), TokenizerFiles.Load(_folder));
        Assert.Equal(expected.VocabularySize, found.VocabularySize);
        Assert.Equal(expected.BeginToken, found.BeginToken);
        foreach (var special in (bool[])[false, true])
        {
            var ids = expected.Encode(text, begin: true, special);
            Assert.Equal(ids, found.Encode(text, begin: true, special));
            Assert.Equal(expected.Decode(ids), found.Decode(ids));
        }
    }
}
