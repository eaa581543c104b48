using System.Globalization;
using System.Text.Json;

namespace KlingProxy.Fal.Calls;

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
        element.ValueKind == JsonValueKind.Object ? Readable(() => element.TryGetProperty(name, out var value) ? value : default) : default;

    public static string? Text(this JsonElement element, string name) =>
        element.Property(name).Text();

    public static string? Text(this JsonElement element) => element.ValueKind == JsonValueKind.String ? Readable(element.GetString) : null;

    public static decimal? Number(this JsonElement element, string name) =>
        element.Property(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDecimal(out var value) ? value : null;

    public static DateTimeOffset? Time(this JsonElement element, string name) =>
        DateTimeOffset.TryParse(element.Text(name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    public static long? Whole(this JsonElement element, string name) =>
        element.Property(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : null;

    // JSON may hold what is no text, such as half a surrogate pair (Python writes them); it shows only when one asks for it.
    private static T? Readable<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }
}
