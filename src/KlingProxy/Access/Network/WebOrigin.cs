using System.Text.RegularExpressions;

using Microsoft.Net.Http.Headers;

namespace KlingProxy.Access.Network;

/// <summary>Where a web page comes from, as a browser says it in <c>Origin</c>: scheme, host, port where it is not the usual one, and nothing else.</summary>
internal static partial class WebOrigin
{
    /// <summary>In characters.</summary>
    public const int Max = 255;

    /// <summary>How a refusal describes one.</summary>
    public const string Rule = "such as https://app.example.com, or capacitor://localhost for an app: scheme, host and perhaps port, in lower case, without a "
        + "path or a wildcard";

    /// <summary>Whether the text is exactly what a browser would send for some page; anything else would never match.</summary>
    public static bool IsExact(string text)
    {
        if (text.Length > Max || !Uri.TryCreate(text, UriKind.Absolute, out var url))
            return false;
        return url.Scheme is "http" or "https"
            ? text == $"{url.Scheme}://{(url.HostNameType == UriHostNameType.Dns ? url.IdnHost : url.Host)}{(url.IsDefaultPort ? "" : $":{url.Port}")}"
            : IsOfApp(text, url.Scheme);
    }

    /// <summary>Whether a request comes from one of the pages. One without <c>Origin</c> does not: whoever sends it need not be a page at all.</summary>
    public static bool IsAmong(HttpRequest request, IReadOnlyList<string> origins) =>
        request.Headers[HeaderNames.Origin] is [{ } origin] && origins.Contains(origin, StringComparer.Ordinal);

    // Pages of an app or a browser's extension have a scheme of their own. Those of a file, or of data, have no origin, and send "null".
    private static bool IsOfApp(string text, string scheme) => scheme is not ("file" or "ftp" or "ws" or "wss") && AppOrigin().IsMatch(text);

    // Such a host is a name and no address of the internet: Safari writes the ids of its extensions in capitals, and browsers leave them so.
    [GeneratedRegex(@"^[a-z][a-z0-9+.-]*://[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:[1-9][0-9]{0,4})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex AppOrigin();
}
