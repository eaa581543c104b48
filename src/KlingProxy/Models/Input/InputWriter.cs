using System.Buffers;
using System.Text;
using System.Text.Json;

namespace KlingProxy.Models.Input;

/// <summary>Writes a checked input for fal: known fields only, no nulls, in one order, values untouched.</summary>
internal static class InputWriter
{
    public static string Write(InputSchema schema, IReadOnlyDictionary<string, JsonElement> sent) => Json(writer =>
    {
        foreach (var field in schema.Fields)
        {
            if (!sent.TryGetValue(field.Name, out var value))
                continue;

            writer.WritePropertyName(field.Name);
            if (field.Kind == FieldKind.Shots)
                WriteShots(writer, schema, value);
            else
                value.WriteTo(writer);
        }
    });

    /// <summary>The same input with another string in one field.</summary>
    public static string Replace(string input, string field, string text)
    {
        using var document = JsonDocument.Parse(input);
        return Json(writer =>
        {
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals(field))
                    writer.WriteString(field, text);
                else
                    property.WriteTo(writer);
            }
        });
    }

    private static void WriteShots(Utf8JsonWriter writer, InputSchema schema, JsonElement shots)
    {
        writer.WriteStartArray();
        foreach (var shot in shots.EnumerateArray())
        {
            writer.WriteStartObject();
            foreach (var field in schema.ShotFields)
            {
                if (shot.TryGetProperty(field.Name, out var value) && !field.IsAbsent(value))
                {
                    writer.WritePropertyName(field.Name);
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Json(Action<Utf8JsonWriter> fields)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
