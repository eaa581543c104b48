using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace KlingProxy.Problems;

/// <summary>
/// Reads a request body as one JSON object whose every string is text. The framework's binding stops at the first wrong type and cannot
/// say where; our rules are read off the document, so that they can all be reported at once.
/// </summary>
internal sealed record JsonBody(JsonElement Content, ProblemHttpResult? Refusal)
{
    public static readonly Problem Malformed = new("malformed", 400, "The request could not be read.",
        "The body must be one JSON object in UTF-8, without comments, trailing commas or repeated names. The detail says where reading stopped.");
    public static readonly Problem TooLarge = new("too-large", 413, "The request body is too large.",
        "The detail names the limit in bytes. Send large images to POST /v1/uploads instead of writing them into JSON.");
    public static readonly Problem WrongMediaType = new("unsupported-media-type", 415, "The request body has the wrong media type.",
        "Send Content-Type: application/json (UTF-8) to JSON routes; an image type or multipart/form-data to POST /v1/uploads.");

    public static readonly Problem Overloaded = new("overloaded", 503, "The service has its hands full.",
        "Too many large bodies are being read, too many calls are held open, or there is no room for them. Nothing was done: try again after Retry-After.");

    /// <summary>In seconds.</summary>
    public const int RetryOverloaded = 5;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 16, AllowDuplicateProperties = false };

    /// <param name="limit">In bytes; more is refused with 413.</param>
    public static async Task<JsonBody> Read(HttpRequest request, long limit, CancellationToken cancel)
    {
        if (!IsJson(request.ContentType))
            return Refuse(WrongMediaType.Because("Expected Content-Type: application/json."));
        if (limit > LargeBodies.Small && !await request.HttpContext.RequestServices.GetRequiredService<LargeBodies>().Enter(request, cancel))
            return Refuse(Overloaded.Because());

        try
        {
            if (await BoundedBody.Read(request, limit, cancel) is not { } body)
                return Refuse(TooLarge.Because($"The body may have at most {limit} bytes."));
            // Not disposed: it stands on the body's own bytes, which go with it.
            var document = JsonDocument.Parse(body.Span.StartsWith(ByteOrderMark) ? body[ByteOrderMark.Length..] : body, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return Refuse(Malformed.Because("The body must be a JSON object."));
            RequireText(document.RootElement);
            return new JsonBody(document.RootElement, null);
        }
        catch (JsonException error)
        {
            return Refuse(Malformed.Because($"The body is not valid JSON: reading stopped at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}."));
        }
        catch (InvalidOperationException)
        {
            return Refuse(Malformed.Because("The body holds a string that is not valid Unicode text."));
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Refuse(TooLarge.Because($"The body may have at most {limit} bytes."));
        }
        catch (BadHttpRequestException)
        {
            return Refuse(Malformed.Because("The body ended early or was framed wrongly."));
        }
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));

    // The reader checks UTF-8 and surrogate pairs only when a string is asked for; ask now, so that nobody is surprised later.
    private static void RequireText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                RequireText(JsonMarshal.GetRawUtf8Value(element), element);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    RequireText(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    RequireText(property.Value);
                }
                break;
        }
    }

    // What escapes nothing is as valid as its bytes: an image of megabytes is not made a string to find that out.
    private static void RequireText(ReadOnlySpan<byte> raw, JsonElement element)
    {
        if (raw.Contains((byte)'\\'))
            element.GetString();
        else if (!Utf8.IsValid(raw))
            throw new InvalidOperationException("Not UTF-8.");
    }

    private static JsonBody Refuse(ProblemHttpResult refusal) => new(default, refusal);
}
