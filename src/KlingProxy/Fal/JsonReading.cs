using System.Text.Json;

namespace KlingProxy.Fal;

/// <summary>Reads fal's replies as leniently as fal writes them: a missing, null or odd property is absent, never an exception.</summary>
internal static class JsonReading
{
    /// <returns>The root, or an undefined element when the bytes are not JSON (a gateway's HTML page).</returns>
    public static JsonElement TryParse(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            return JsonElement.ParseValue(ref reader);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    public static JsonElement Property(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    public static string? Text(this JsonElement element, string name) =>
        element.Property(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static long? Whole(this JsonElement element, string name) =>
        element.Property(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;
}
