namespace Dipnet.Worker.Language;

/// <summary>Lays documents one after another into rows of context + 1 tokens. Pure; documents are read once, in order.</summary>
internal static class SequencePacker
{
    /// <summary>
    /// Running texts: documents follow each other without a gap and go on in the next row where one ends, so nothing is left over but the end of the last row.
    /// A row that goes on in the middle of a document repeats the last token of the row before, so that every token but a document's first is predicted once.
    /// </summary>
    public static IEnumerable<PackedSequence> Running(IEnumerable<Document> documents, int context, int endToken)
    {
        var row = new RowBuilder(context + 1, endToken);
        foreach (var document in documents)
        {
            for (var at = 0; at < document.Tokens.Length;)
            {
                at += row.Add(document, at);
                if (row.Room > 0)
                {
                    continue;
                }

                at -= at < document.Tokens.Length ? 1 : 0;
                if (row.HasTargets)
                {
                    yield return row.Take();
                }
                else
                {
                    row.Take();
                }
            }
        }

        if (row.HasTargets)
        {
            yield return row.Take();
        }
    }

    /// <summary>
    /// Examples: each stays whole in one row, in order; a row is closed when the next does not fit. One that is longer than a row loses its end, and one
    /// whose prompt alone fills a row is left out.
    /// </summary>
    public static IEnumerable<PackedSequence> Whole(IEnumerable<Document> documents, int context, int endToken)
    {
        var row = new RowBuilder(context + 1, endToken);
        foreach (var document in documents)
        {
            if (!document.Learned.Take(context + 1).Skip(1).Contains(true))
            {
                continue;
            }

            if (document.Tokens.Length > row.Room && !row.IsEmpty)
            {
                yield return row.Take();
            }

            row.Add(document, 0);
        }

        if (row.HasTargets)
        {
            yield return row.Take();
        }
    }
}
