using System.Text.Json;

namespace Dipnet.Coordinator.Tests.Kubernetes;

/// <summary>
/// The Kubernetes API's own description (OpenAPI v2), and whether an object keeps to it: no unknown field, no wrong type, nothing required is missing.
/// </summary>
internal sealed class KubernetesSchema(JsonElement document)
{
    private const string ReferencePrefix = "#/definitions/";
    private readonly JsonElement definitions = document.GetProperty("definitions");

    /// <summary>Every break of the schema, each with its path; empty when there is none.</summary>
    public IReadOnlyList<string> Check(object? manifest)
    {
        if (manifest is not IDictionary<object, object?> fields)
        {
            return ["the manifest is not an object"];
        }

        var (apiVersion, kind) = (Text(fields, "apiVersion"), Text(fields, "kind"));
        if (Definition(apiVersion, kind) is not { } name)
        {
            return [$"apiVersion {apiVersion}, kind {kind}: the API has no such object"];
        }

        var errors = new List<string>();
        CheckReference(name, manifest, kind, errors);
        return errors;
    }

    private string? Definition(string apiVersion, string kind)
    {
        var (group, version) = apiVersion.Split('/') is [var first, var second] ? (first, second) : ("", apiVersion);
        foreach (var definition in definitions.EnumerateObject())
        {
            if (definition.Value.TryGetProperty("x-kubernetes-group-version-kind", out var kinds) && kinds.GetArrayLength() == 1
                && kinds[0].GetProperty("group").GetString() == group && kinds[0].GetProperty("version").GetString() == version
                && kinds[0].GetProperty("kind").GetString() == kind)
            {
                return definition.Name;
            }
        }

        return null;
    }

    private void CheckReference(string name, object? value, string path, List<string> errors)
    {
        // Quantities and ports are written as text or as numbers.
        if (name.EndsWith(".Quantity", StringComparison.Ordinal) || name.EndsWith(".IntOrString", StringComparison.Ordinal))
        {
            if (value is not (string or long))
            {
                errors.Add($"{path}: {Describe(value)} where text or a number is due");
            }

            return;
        }

        CheckValue(definitions.GetProperty(name), value, path, errors);
    }

    private void CheckValue(JsonElement schema, object? value, string path, List<string> errors)
    {
        if (schema.TryGetProperty("$ref", out var reference))
        {
            CheckReference(reference.GetString()![ReferencePrefix.Length..], value, path, errors);
            return;
        }

        switch (schema.TryGetProperty("type", out var type) ? type.GetString() : "object", value)
        {
            case ("string", string) or ("boolean", bool) or ("integer", long) or ("number", long or double):
                break;
            case ("array", IList<object?> items):
                for (var i = 0; i < items.Count; i++)
                {
                    CheckValue(schema.GetProperty("items"), items[i], $"{path}[{i}]", errors);
                }

                break;
            case ("object", IDictionary<object, object?> fields):
                CheckFields(schema, fields, path, errors);
                break;
            case (var expected, _):
                errors.Add($"{path}: {Describe(value)} where {expected} is due");
                break;
        }
    }

    private void CheckFields(JsonElement schema, IDictionary<object, object?> fields, string path, List<string> errors)
    {
        var known = schema.TryGetProperty("properties", out var properties);
        var open = schema.TryGetProperty("additionalProperties", out var additional);
        foreach (var (key, value) in fields)
        {
            if (known && properties.TryGetProperty((string)key, out var field))
            {
                CheckValue(field, value, $"{path}.{key}", errors);
            }
            else if (open)
            {
                CheckValue(additional, value, $"{path}.{key}", errors);
            }
            else if (known)
            {
                errors.Add($"{path}.{key}: unknown field");
            }
        }

        if (schema.TryGetProperty("required", out var required))
        {
            errors.AddRange(required.EnumerateArray().Where(name => !fields.ContainsKey(name.GetString()!)).Select(name => $"{path}.{name.GetString()}: missing, and required"));
        }
    }

    private static string Text(IDictionary<object, object?> fields, string name) => fields.TryGetValue(name, out var value) && value is string text ? text : "";

    private static string Describe(object? value) => value switch
    {
        null => "nothing",
        string text => $"text '{text}'",
        IDictionary<object, object?> => "an object",
        IList<object?> => "a list",
        _ => $"{value}",
    };
}
