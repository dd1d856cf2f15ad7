using System.Text;
using System.Text.Unicode;
using Dipnet.Worker.Data;

namespace Dipnet.Worker.Language;

/// <summary>Lines of a text file. UTF-8, or what its byte order mark says; other bytes are an error, not a replacement.</summary>
internal static class Utf8Lines
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    /// <exception cref="DataException">Bytes are not UTF-8; the message names file and line.</exception>
    public static IEnumerable<string> Read(string file)
    {
        using var lines = File.ReadLines(file, Strict).GetEnumerator();
        while (HasNext(lines, file))
        {
            yield return lines.Current;
        }
    }

    private static bool HasNext(IEnumerator<string> lines, string file)
    {
        try
        {
            return lines.MoveNext();
        }
        catch (DecoderFallbackException)
        {
            throw new DataException($"{file}:{WrongLine(file)}: is not UTF-8; convert the file, for example with iconv");
        }
    }

    // The reader is some lines ahead when it meets the bytes, so they are looked for again.
    private static int WrongLine(string file)
    {
        using var bytes = new BufferedStream(File.OpenRead(file));
        var line = new List<byte>();
        var number = 1;
        for (var next = bytes.ReadByte(); next >= 0; next = bytes.ReadByte())
        {
            line.Add((byte)next);
            if (next == '\n')
            {
                if (!Utf8.IsValid([.. line]))
                {
                    return number;
                }

                number++;
                line.Clear();
            }
        }

        return number;
    }
}
