using System.Globalization;
using System.Runtime.CompilerServices;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Dipnet.Coordinator.Tests.Kubernetes;

/// <summary>The objects in k8s/base, with YAML's types: plain scalars are numbers, switches or text; quoted ones are text.</summary>
internal static class Manifests
{
    public static string Folder => Path.GetFullPath(Path.Combine(SourceFolder(), "../../../k8s/base"));

    /// <summary>Every object of every manifest file, by file name and kind.</summary>
    public static IEnumerable<(string Name, IDictionary<object, object?> Fields)> All() =>
        from file in Directory.GetFiles(Folder, "*.yaml").Order(StringComparer.Ordinal)
        where Path.GetFileName(file) != "kustomization.yaml"
        from document in Parse(File.ReadAllText(file))
        let fields = (IDictionary<object, object?>)document!
        select ($"{Path.GetFileName(file)} {fields["kind"]}", fields);

    public static IEnumerable<object?> Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => Value(document.RootNode))];
    }

    private static object? Value(YamlNode node) => node switch
    {
        YamlMappingNode mapping => mapping.Children.ToDictionary(pair => (object)((YamlScalarNode)pair.Key).Value!, pair => Value(pair.Value)),
        YamlSequenceNode sequence => sequence.Children.Select(Value).ToList(),
        YamlScalarNode { Style: not ScalarStyle.Plain } quoted => quoted.Value,
        YamlScalarNode { Value: "" or "null" or "~" } => null,
        YamlScalarNode { Value: "true" } => true,
        YamlScalarNode { Value: "false" } => false,
        YamlScalarNode plain => long.TryParse(plain.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
            : double.TryParse(plain.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : plain.Value,
        _ => throw new InvalidDataException($"{node.Start}: an unexpected kind of node"),
    };

    private static string SourceFolder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
