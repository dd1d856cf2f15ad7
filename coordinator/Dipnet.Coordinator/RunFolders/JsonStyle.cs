using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dipnet.Coordinator.RunFolders;

/// <summary>How JSON is written for people and programs.</summary>
internal static class JsonStyle
{
    public static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonSerializerOptions Indented = new(OneLine) { WriteIndented = true };
}
