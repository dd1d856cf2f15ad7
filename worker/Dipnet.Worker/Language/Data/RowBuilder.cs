namespace Dipnet.Worker.Language;

/// <summary>Fills one row of tokens, targets and document numbers.</summary>
internal sealed class RowBuilder(int length, int endToken)
{
    private int[] _tokens = new int[length];
    private bool[] _targets = new bool[length];
    private int[] _documents = new int[length];
    private int _used;
    private int _document;

    public int Room => length - _used;

    public bool IsEmpty => _used == 0;

    public bool HasTargets => _targets.AsSpan(0, _used).Contains(true);

    /// <summary>Adds as much of a document, from a token on, as fits and returns how much; what comes first is no target, since nothing predicts it.</summary>
    public int Add(Document document, int from)
    {
        var count = Math.Min(Room, document.Tokens.Length - from);
        document.Tokens.AsSpan(from, count).CopyTo(_tokens.AsSpan(_used));
        document.Learned.AsSpan(from, count).CopyTo(_targets.AsSpan(_used));
        _targets[_used] = false;
        _documents.AsSpan(_used, count).Fill(_document++);
        _used += count;
        return count;
    }

    public PackedSequence Take()
    {
        _tokens.AsSpan(_used).Fill(endToken);
        _documents.AsSpan(_used).Fill(_document);
        var row = new PackedSequence(_tokens, _targets, _documents);
        (_tokens, _targets, _documents, _used, _document) = (new int[length], new bool[length], new int[length], 0, 0);
        return row;
    }
}
