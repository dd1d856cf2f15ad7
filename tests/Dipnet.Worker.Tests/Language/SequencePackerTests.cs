using CsCheck;
using Dipnet.Worker.Language;

namespace Dipnet.Worker.Tests.Language;

public sealed class SequencePackerTests
{
    private const int End = 9;

    private static readonly Gen<List<Document>> Documents =
        Gen.Select(Gen.Int[1, 8], Gen.Bool).Array[1, 40].Array[1, 12]
            .Select(all => all.Select(d => new Document([.. d.Select(t => t.Item1)], [.. d.Select(t => t.Item2)])).ToList());

    [Fact]
    public void Running_AnyDocuments_PredictsEveryLearnedTokenButTheFirstOnce() => Gen.Select(Documents, Gen.Int[2, 16]).Sample((documents, context) =>
    {
        var rows = SequencePacker.Running(documents, context, End).ToList();

        Assert.All(rows, row => Assert.Equal(context + 1, row.Tokens.Length));
        Assert.Equal(
            documents.SelectMany(d => d.Tokens.Zip(d.Learned).Skip(1).Where(t => t.Second).Select(t => t.First)),
            rows.SelectMany(r => r.Tokens.Zip(r.Targets).Where(t => t.Second).Select(t => t.First)));
    });

    [Fact]
    public void Whole_AnyDocuments_KeepsThemWholeAndInOrder() => Gen.Select(Documents, Gen.Int[2, 60]).Sample((documents, context) =>
    {
        var rows = SequencePacker.Whole(documents, context, End).ToList();

        var expected = documents.Where(d => d.Learned.Take(context + 1).Skip(1).Contains(true)).Select(d => d.Tokens.Take(context + 1));
        var found = rows.SelectMany(r => r.Tokens.Zip(r.Documents).GroupBy(t => t.Second).Select(g => g.Select(t => t.First)))
            .Where(d => d.First() != End);
        Assert.Equal(expected.Select(d => string.Join(',', d)), found.Select(d => string.Join(',', d)));
    });

    [Fact]
    public void Packing_AnyDocuments_NeverPredictsAcrossDocuments() => Gen.Select(Documents, Gen.Int[2, 16], Gen.Bool).Sample((documents, context, whole) =>
        Assert.All(
            whole ? SequencePacker.Whole(documents, context, End) : SequencePacker.Running(documents, context, End),
            row => Assert.All(
                Enumerable.Range(0, context + 1).Where(i => row.Targets[i]), i => Assert.Equal(row.Documents[i], row.Documents[i - 1]))));

    [Fact]
    public void PackedFile_AnyRows_GivesThemBack() => Gen.Select(Documents, Gen.Int[2, 16]).Sample(
        (documents, context) =>
        {
            var rows = SequencePacker.Running(documents, context, End).ToList();
            using var file = PackedFile.Write(rows, context);

            Assert.Equal(rows.Count, file?.Count ?? 0);
            for (var i = 0; i < rows.Count; i++)
            {
                Assert.Equal(rows[i].Tokens, file![i].Tokens);
                Assert.Equal(rows[i].Targets, file[i].Targets);
                Assert.Equal(rows[i].Documents, file[i].Documents);
            }
        },
        iter: 50, threads: 1);
}
