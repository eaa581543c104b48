using System.Security.Cryptography;
using System.Text.Json;

using KlingProxy.Http.Bodies;

namespace KlingProxy.Jobs.Submitting;

/// <summary>A fingerprint that is equal for equal bodies, however their properties are ordered, spaced or escaped.</summary>
internal static class CanonicalJson
{
    /// <summary>Images that were taken out of the body count as if they stood there. They pass from the disk into the hash; nothing holds them.</summary>
    public static byte[] Fingerprint(JsonBody body) => Fingerprint(body.Content, body.DataUris);

    public static byte[] Fingerprint(JsonElement body) => Fingerprint(body, new Dictionary<string, DataUri>());

    private static byte[] Fingerprint(JsonElement body, IReadOnlyDictionary<string, DataUri> images)
    {
        using var hash = SHA256.Create();
        using var text = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write);
        using (var writer = new Utf8JsonWriter(text))
            Write(writer, body, images);
        text.FlushFinalBlock();
        return hash.Hash!;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, IReadOnlyDictionary<string, DataUri> images)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, images);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    Write(writer, item, images);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                Write(writer, element.GetString()!, images);
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static void Write(Utf8JsonWriter writer, string text, IReadOnlyDictionary<string, DataUri> images)
    {
        if (!images.TryGetValue(text, out var image))
        {
            writer.WriteStringValue(text);
            return;
        }
        image.WriteText(part =>
        {
            writer.WriteStringValueSegment(part, isFinalSegment: false);
            writer.Flush();
        });
        writer.WriteStringValueSegment(""u8, isFinalSegment: true);
    }
}
