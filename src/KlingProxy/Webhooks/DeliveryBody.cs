using System.Text.Json;

namespace KlingProxy.Webhooks;

/// <summary>The one thing that is read of a delivery: whom it is about. What it says is a hint, fetched again with our own key.</summary>
internal static class DeliveryBody
{
    /// <summary>In bytes. A delivery carries a result of a few kilobytes, or an error that may echo the input.</summary>
    public const int Limit = 1024 * 1024;

    /// <returns><c>null</c> when it is longer than <see cref="Limit"/>.</returns>
    public static async Task<byte[]?> Read(HttpRequest request, CancellationToken cancel)
    {
        if (request.ContentLength > Limit)
            return null;
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            if (body.Length + read > Limit)
                return null;
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }

    public static string? RequestId(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            return JsonElement.ParseValue(ref reader) is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("request_id", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetString()
                : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
