using Microsoft.Net.Http.Headers;

namespace KlingProxy.Access;

/// <summary>Where a web page comes from, as a browser says it in <c>Origin</c>: scheme, host, port where it is not the usual one, and nothing else.</summary>
internal static class WebOrigin
{
    /// <summary>In characters.</summary>
    public const int Longest = 255;

    /// <summary>Whether the text is exactly what a browser would send for some page; anything else would never match.</summary>
    public static bool IsExact(string text) =>
        text.Length <= Longest && Uri.TryCreate(text, UriKind.Absolute, out var url)
        && url.Scheme is "http" or "https"
        && text == $"{url.Scheme}://{(url.HostNameType == UriHostNameType.Dns ? url.IdnHost : url.Host)}{(url.IsDefaultPort ? "" : $":{url.Port}")}";

    /// <summary>Whether a request comes from one of the pages. One without <c>Origin</c> does not: whoever sends it need not be a page at all.</summary>
    public static bool IsAmong(HttpRequest request, IReadOnlyList<string> origins) =>
        request.Headers[HeaderNames.Origin] is [{ } origin] && origins.Contains(origin, StringComparer.Ordinal);
}
