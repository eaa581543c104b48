using System.Security.Cryptography;
using System.Text.Json;

namespace KlingProxy.Jobs;

/// <summary>A fingerprint that is equal for equal bodies, however their properties are ordered, spaced or escaped.</summary>
internal static class CanonicalJson
{
    public static byte[] Fingerprint(JsonElement body)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
            Write(writer, body);
        return SHA256.HashData(text.GetBuffer().AsSpan(0, (int)text.Length));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(element.GetString());
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }
}
