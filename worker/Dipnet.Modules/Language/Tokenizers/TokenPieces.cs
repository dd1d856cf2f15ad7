using System.Text;

namespace Dipnet.Modules.Language;

/// <summary>The bytes of every token, by id; ids without a token are allowed between.</summary>
internal sealed class TokenPieces
{
    readonly byte[]?[] _bytes;
    readonly bool[] _special;

    /// <param name="vocabulary">Tokens of the model: id and bytes.</param>
    /// <param name="added">Take the place of a token of the same id.</param>
    public TokenPieces(IEnumerable<(int Id, byte[] Bytes)> vocabulary, IReadOnlyList<AddedToken> added)
    {
        var pieces = vocabulary.ToList();
        var count = pieces.Select(static p => p.Id).Concat(added.Select(static t => t.Id)).DefaultIfEmpty(-1).Max() + 1;
        (_bytes, _special) = (new byte[count][], new bool[count]);
        foreach (var (id, bytes) in pieces)
        {
            _bytes[id] = bytes;
        }
        foreach (var token in added)
        {
            (_bytes[token.Id], _special[token.Id]) = (Encoding.UTF8.GetBytes(token.Name), token.Special);
        }
    }

    /// <summary>One more than the largest id.</summary>
    public int Count => _bytes.Length;

    public ReadOnlyMemory<byte> Bytes(int id) => id >= 0 && id < _bytes.Length && _bytes[id] is { } bytes
        ? bytes : throw new ArgumentOutOfRangeException(nameof(id), id, $"is no token; the vocabulary has ids below {_bytes.Length}");

    public bool IsSpecial(int id) => id >= 0 && id < _special.Length && _special[id];
}
