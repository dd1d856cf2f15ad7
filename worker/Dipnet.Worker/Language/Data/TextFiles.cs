using System.Text;
using Dipnet.Modules.Language;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>Plain texts: a file, or every .txt file of a folder in name order. Each file is one document, or several between lines that are &lt;|endoftext|&gt;.</summary>
internal static class TextFiles
{
    private const string Separator = "<|endoftext|>";

    /// <summary>Characters encoded at once; a cut is at a line's end.</summary>
    private const int PieceLength = 1 << 16;

    /// <summary>Documents as they are read.</summary>
    public static IEnumerable<Document> Read(string path, TextTokenizer tokenizer)
    {
        foreach (var file in Files(path, ".txt"))
        {
            var builder = new DocumentBuilder(tokenizer);
            var piece = new StringBuilder();
            var empty = true;
            foreach (var line in Utf8Lines.Read(file))
            {
                if (line == Separator)
                {
                    if (!empty)
                    {
                        builder.Add(piece.ToString(), learned: true);
                        yield return builder.End().Build();
                    }

                    (builder, empty) = (new DocumentBuilder(tokenizer), true);
                    piece.Clear();
                    continue;
                }

                empty = false;
                piece.Append(line).Append('\n');
                if (piece.Length >= PieceLength)
                {
                    builder.Add(piece.ToString(), learned: true);
                    piece.Clear();
                }
            }

            if (!empty)
            {
                builder.Add(piece.ToString(), learned: true);
                yield return builder.End().Build();
            }
        }
    }

    /// <summary>The files of a data path.</summary>
    /// <exception cref="DataException">There are none.</exception>
    public static IReadOnlyList<string> Files(string path, string extension)
    {
        if (File.Exists(path))
        {
            return [path];
        }

        var files = Directory.Exists(path) ? Directory.GetFiles(path, "*" + extension).Order(StringComparer.Ordinal).ToArray() : [];
        return files.Length > 0 ? files : throw new DataException($"data.path {path}: no such file, and no folder with {extension} files");
    }
}
