using System.Text.Json;

namespace KlingProxy.FalWebhooks;

/// <summary>The one thing that is read of a delivery: whom it is about. What it says is a hint, fetched again with our own key.</summary>
internal static class DeliveryBody
{
    /// <summary>In bytes. A delivery carries a result of a few kilobytes, or an error that may echo the input.</summary>
    public const int Limit = 1024 * 1024;

    public static string? RequestId(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            return JsonElement.ParseValue(ref reader) is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("request_id", out var id)
                && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
