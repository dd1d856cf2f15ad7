using System.Buffers;
using System.Text.Json;

namespace Dipnet.Modules.Files;

/// <summary>Reads and writes the JSON header. Pure: no file access.</summary>
internal static class SafetensorsHeader
{
    /// <summary>The format's own limit.</summary>
    public const long MaximumBytes = 100_000_000;

    const int Alignment = 64;
    const string MetadataKey = "__metadata__";

    /// <summary>
    /// Checks every rule: known types, shapes that match their bytes, unique names, data without overlap or hole that ends with the file.
    /// </summary>
    /// <param name="json">The header without its length.</param>
    /// <param name="dataBytes">Bytes of the file behind the header.</param>
    /// <param name="file">Named in errors.</param>
    public static (List<SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Parse(ReadOnlyMemory<byte> json, long dataBytes, string file)
    {
        var entries = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>();
        var names = new HashSet<string>();
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new SafetensorsException(file, $"the header is a JSON {document.RootElement.ValueKind}, it must be an object");
            }
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                {
                    throw new SafetensorsException(file, $"tensor '{property.Name}' is named twice in the header");
                }
                if (property.Name == MetadataKey)
                {
                    ParseMetadata(property.Value, metadata, file);
                }
                else
                {
                    entries.Add(ParseEntry(property.Name, property.Value, dataBytes, file));
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SafetensorsException(file, $"the header is not valid JSON: {e.Message}");
        }
        CheckCoverage(entries, dataBytes, file);
        return (entries, metadata);
    }

    /// <summary>The whole head of a file (length and JSON), padded so that the data starts at a multiple of 64 bytes.</summary>
    public static byte[] Format(IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.GetSpan(8)[..8].Clear();
        buffer.Advance(8);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata)
                {
                    writer.WriteString(key, value);
                }
                writer.WriteEndObject();
            }
            foreach (var entry in entries)
            {
                writer.WriteStartObject(entry.Name);
                writer.WriteString("dtype", entry.Type.HeaderName());
                writer.WriteStartArray("shape");
                foreach (var extent in entry.Shape)
                {
                    writer.WriteNumberValue(extent);
                }
                writer.WriteEndArray();
                writer.WriteStartArray("data_offsets");
                writer.WriteNumberValue(entry.Offset);
                writer.WriteNumberValue(entry.Offset + entry.Bytes);
                writer.WriteEndArray();
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        var padding = (Alignment - buffer.WrittenCount % Alignment) % Alignment;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        var head = buffer.WrittenSpan.ToArray();
        BitConverter.TryWriteBytes(head, (ulong)(head.Length - 8));
        return head;
    }

    static void ParseMetadata(JsonElement value, Dictionary<string, string> metadata, string file)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw new SafetensorsException(file, $"'{MetadataKey}' must be an object of strings");
        }
        foreach (var item in value.EnumerateObject())
        {
            metadata[item.Name] = item.Value.ValueKind == JsonValueKind.String
                ? item.Value.GetString()!
                : throw new SafetensorsException(file, $"'{MetadataKey}.{item.Name}' must be a string");
        }
    }

    static SafetensorsEntry ParseEntry(string name, JsonElement value, long dataBytes, string file)
    {
        SafetensorsException Wrong(string rule) => new(file, $"tensor '{name}': {rule}");
        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong("its description must be an object with dtype, shape and data_offsets");
        }
        string? typeName = null;
        long[]? shape = null, offsets = null;
        foreach (var field in value.EnumerateObject())
        {
            switch (field.Name)
            {
                case "dtype" when typeName is null && field.Value.ValueKind == JsonValueKind.String: typeName = field.Value.GetString(); break;
                case "shape" when shape is null: shape = Numbers(field.Value) ?? throw Wrong("shape must be a list of whole numbers of at least 0"); break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(field.Value) ?? throw Wrong("data_offsets must be a list of whole numbers of at least 0");
                    break;
                default: throw Wrong($"unexpected field '{field.Name}'");
            }
        }
        if (typeName is null || shape is null || offsets is null)
        {
            throw Wrong("dtype, shape and data_offsets must all be present");
        }
        if (!SafetensorsTypes.TryParse(typeName, out var type))
        {
            throw Wrong($"dtype '{typeName}' is not known");
        }
        if (offsets.Length != 2 || offsets[1] < offsets[0])
        {
            throw Wrong($"data_offsets [{string.Join(", ", offsets)}] must be a begin and an end that is not before it");
        }
        if (offsets[1] > dataBytes)
        {
            throw Wrong($"its data ends at byte {offsets[1]}, the file has {dataBytes} bytes of data");
        }
        if (ByteLength(type, shape) is not { } bytes)
        {
            throw Wrong($"shape [{string.Join(", ", shape)}] is too large");
        }
        if (bytes != offsets[1] - offsets[0])
        {
            throw Wrong($"{typeName} [{string.Join(", ", shape)}] needs {bytes} bytes, data_offsets give {offsets[1] - offsets[0]}");
        }
        return new SafetensorsEntry(name, type, shape, offsets[0], bytes);
    }

    /// <summary>Bytes of a tensor; null when they do not fit into 63 bits.</summary>
    internal static long? ByteLength(SafetensorsType type, IReadOnlyList<long> shape)
    {
        Int128 bytes = type.Bytes();
        foreach (var extent in shape)
        {
            bytes *= extent;
            if (bytes > long.MaxValue)
            {
                return null;
            }
        }
        return (long)bytes;
    }

    static long[]? Numbers(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return null;
        }
        var numbers = new long[value.GetArrayLength()];
        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt64(out var number) || number < 0)
            {
                return null;
            }
            numbers[i++] = number;
        }
        return numbers;
    }

    static void CheckCoverage(List<SafetensorsEntry> entries, long dataBytes, string file)
    {
        entries.Sort(static (a, b) => (a.Offset, a.Offset + a.Bytes).CompareTo((b.Offset, b.Offset + b.Bytes)));
        long end = 0;
        foreach (var entry in entries)
        {
            if (entry.Offset < end)
            {
                throw new SafetensorsException(file, $"tensor '{entry.Name}' begins at byte {entry.Offset}, inside the tensor before it (ends at {end})");
            }
            if (entry.Offset > end)
            {
                throw new SafetensorsException(file, $"bytes {end} to {entry.Offset} before tensor '{entry.Name}' belong to no tensor");
            }
            end = entry.Offset + entry.Bytes;
        }
        if (end != dataBytes)
        {
            throw new SafetensorsException(file, $"the tensors end at byte {end}, the file has {dataBytes} bytes of data");
        }
    }
}
