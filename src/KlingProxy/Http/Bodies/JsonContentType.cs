using Microsoft.Net.Http.Headers;

namespace KlingProxy.Http.Bodies;

/// <summary>Whether a body is said to be JSON. Routing asks, too, and has no words.</summary>
internal static class JsonContentType
{
    /// <summary>A change of an object, field by field (RFC 7396).</summary>
    public const string MergePatch = "application/merge-patch+json";

    private const string Json = "application/json";

    /// <summary>Why a body is not read as JSON, by its headers, and what to do; <c>null</c> where it is.</summary>
    /// <param name="orType">Another type that says the same there.</param>
    public static string? FaultOf(HttpRequest request, string? orType = null) =>
        ContentCoding.Refusal(request) ?? (Is(request.ContentType, Json) || (orType is not null && Is(request.ContentType, orType))
            ? null
            : $"Expected Content-Type: application/json, in UTF-8; {Instead(request.ContentType)}");

    private static bool Is(string? contentType, string wanted) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && type.MediaType.Equals(wanted, StringComparison.OrdinalIgnoreCase)
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            || type.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase));

    // By its name where it is one of those that programs write by themselves: what else was sent is not repeated.
    private static string Instead(string? contentType) => contentType?.Split(';')[0].Trim().ToLowerInvariant() switch
    {
        null or "" => "this body has none.",
        "application/x-www-form-urlencoded" => "this one is application/x-www-form-urlencoded, as curl -d says unless told otherwise.",
        "text/plain" => "this one is text/plain, as fetch says of a string unless told otherwise.",
        "multipart/form-data" => "this one is multipart/form-data. Send an image to POST /v1/uploads, and its address here.",
        Json or MergePatch => "this one is in another character set.",
        _ => "this one is another.",
    };
}
