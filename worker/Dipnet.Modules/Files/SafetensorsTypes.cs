namespace Dipnet.Modules.Files;

/// <summary>Size and header name of each <see cref="SafetensorsType"/>.</summary>
public static class SafetensorsTypes
{
    static readonly (SafetensorsType Type, string Name, int Bytes)[] s_known =
    [
        (SafetensorsType.Bool, "BOOL", 1), (SafetensorsType.U8, "U8", 1), (SafetensorsType.I8, "I8", 1),
        (SafetensorsType.F8E4M3, "F8_E4M3", 1), (SafetensorsType.F8E5M2, "F8_E5M2", 1), (SafetensorsType.I16, "I16", 2),
        (SafetensorsType.U16, "U16", 2), (SafetensorsType.F16, "F16", 2), (SafetensorsType.BF16, "BF16", 2),
        (SafetensorsType.I32, "I32", 4), (SafetensorsType.U32, "U32", 4), (SafetensorsType.F32, "F32", 4),
        (SafetensorsType.I64, "I64", 8), (SafetensorsType.U64, "U64", 8), (SafetensorsType.F64, "F64", 8),
    ];

    /// <summary>Bytes of one element.</summary>
    public static int Bytes(this SafetensorsType type) => s_known[(int)type].Bytes;

    /// <summary>Name in the header, such as <c>BF16</c>.</summary>
    public static string HeaderName(this SafetensorsType type) => s_known[(int)type].Name;

    internal static bool TryParse(string? name, out SafetensorsType type)
    {
        foreach (var known in s_known)
        {
            if (known.Name == name)
            {
                type = known.Type;
                return true;
            }
        }
        type = default;
        return false;
    }
}
