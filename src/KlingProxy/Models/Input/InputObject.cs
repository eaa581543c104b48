using System.Text.Json;

using KlingProxy.Http.Bodies;

namespace KlingProxy.Models.Input;

/// <summary>Walks a JSON object that may hold only known fields, in the order in which it was written.</summary>
internal static class InputObject
{
    private const int MaxNameLength = 100; // a longer one is not worth pointing at

    /// <summary>The known fields that were sent. What is unknown, repeated or missing is reported on the way.</summary>
    public static IEnumerable<(InputField Field, JsonElement Value, string Pointer)> Read(
        JsonElement element, IReadOnlyList<InputField> fields, InputSchema schema, string pointer, Findings found)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var sent = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            if (found.IsFull)
                yield break;

            var name = NameOf(property);
            if (name is null || name.Length > MaxNameLength)
            {
                found.Add(pointer, "unknown-field", "A field here has a name that is not text, or longer than any of ours.");
                continue;
            }

            var at = Under(pointer, name);
            if (fields.FirstOrDefault(field => field.Name == name) is not { } field)
            {
                found.Add(at, "unknown-field", FieldHints.For(name, fields, schema));
            }
            else if (!seen.Add(name))
            {
                found.Add(at, "repeated-field", "This field is written more than once.");
            }
            else if (!field.IsAbsent(property.Value))
            {
                sent.Add(name);
                yield return (field, property.Value, at);
            }
        }

        foreach (var field in fields.Where(field => field.Required && !sent.Contains(field.Name)))
            found.Add(Under(pointer, field.Name), "required", $"`{field.Name}` is required. {field.Description}");
    }

    /// <summary>Escaped as RFC 6901 asks.</summary>
    private static string Under(string pointer, string name) =>
        $"{pointer}/{JsonPointer.Escape(name)}";

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException) // half a surrogate pair, or not UTF-8: JSON allows it to be parsed, not to be read
        {
            return null;
        }
    }
}
