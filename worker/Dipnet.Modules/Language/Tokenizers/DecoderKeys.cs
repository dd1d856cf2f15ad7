namespace Dipnet.Modules.Language;

/// <summary>Reads the <c>decoder</c> of a tokenizer.json, which must undo what the other parts do.</summary>
/// <param name="ByteLevel">Tokens are bytes in GPT-2's alphabet.</param>
/// <param name="DropsFirstSpace">The first space of the decoded text is left out.</param>
internal sealed record DecoderKeys(bool ByteLevel, bool DropsFirstSpace)
{
    public static DecoderKeys Read(JsonKeys? keys)
    {
        var (byteLevel, drops) = (false, false);
        Add(keys);
        return new DecoderKeys(byteLevel, drops);

        void Add(JsonKeys? part)
        {
            switch (part?.RequiredText("type"))
            {
                case null or "ByteFallback" or "Fuse":
                    break;
                case "Sequence":
                    foreach (var item in part.Items("decoders"))
                    {
                        Add(item);
                    }
                    break;
                case "ByteLevel":
                    byteLevel = true;
                    break;
                case "Metaspace":
                    drops |= (part.Text("prepend_scheme") ?? (part.Flag("add_prefix_space", true) ? "always" : "never")) != "never";
                    break;
                case "Replace" when PatternKeys.Literal(part) == PieceTokenizer.Space.ToString() && part.Text("content") == " ":
                    break;
                case "Strip" when part.Text("content") == " " && part.Node("start")?.ToJsonString() == "1" && part.Node("stop")?.ToJsonString() is "0" or null:
                    drops = true;
                    break;
                case var other:
                    throw part.Wrong("type", $"'{other}' is not supported as it stands; supported are ByteLevel, ByteFallback, Fuse, Metaspace, "
                        + "Replace of '▁' by a space, Strip of one leading space, Sequence");
            }
        }
    }
}
