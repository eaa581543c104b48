using System.Buffers;

namespace KlingProxy.Models.Input;

/// <summary>
/// Judges an image URL on somebody else's host. Parsers differ on odd URLs, and fal's is not ours: whatever two of them could read
/// differently is refused, rather than asking one of them.
/// </summary>
internal static class RemoteImage
{
    private const string Scheme = "https://";

    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    // Names that mean something else inside every network (RFC 6761, RFC 6762 appendix G, RFC 8375).
    private static readonly string[] PrivateSuffixes =
        [".localhost", ".localdomain", ".local", ".internal", ".intranet", ".private", ".corp", ".home", ".lan", ".home.arpa"];

    public static ImageFault? FaultOf(string url)
    {
        if (!url.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return Bad("An image must be an https URL, the `url` of one of your own uploads, or a data URI.");
        if (url.Any(character => char.IsControl(character) || char.IsWhiteSpace(character) || character == '\\'))
            return Bad("An image URL must not hold spaces, control characters or backslashes.");

        var end = url.AsSpan(Scheme.Length).IndexOfAny('/', '?', '#');
        var authority = end < 0 ? url[Scheme.Length..] : url.Substring(Scheme.Length, end);
        if (authority.Contains('@', StringComparison.Ordinal))
            return Bad("An image URL must not hold a user name or password.");
        if (authority.StartsWith('['))
            return Forbidden("An image URL must name its host, not give an IP address.");
        if (authority.Contains(':', StringComparison.Ordinal))
            return Bad("An image URL must not hold a port.");
        return FaultOfHost(authority);
    }

    private static ImageFault? FaultOfHost(string host)
    {
        if (host.AsSpan().ContainsAnyExcept(HostCharacters))
            return Bad("The host of an image URL may hold letters, digits, dots and hyphens; an international name is written in its xn-- form.");

        var labels = host.Split('.');
        if (host.Length > 253 || labels.Any(label => label.Length is 0 or > 63))
            return Bad("The host of an image URL is not a complete name.");
        if (IsNumber(labels[^1]))
            return Forbidden("An image URL must name its host, not give an IP address.");
        if (labels.Length == 1 || PrivateSuffixes.Any(suffix => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)))
            return Forbidden("The host of an image URL must be public: fal reads the image from there. Send a local image to POST /v1/uploads.");
        return null;
    }

    // The URL standard's rule: a host whose last label is a number is an IPv4 address, also in the forms 2130706433, 0x7f.1 and 0177.1.
    private static bool IsNumber(string label) =>
        label.All(char.IsAsciiDigit) || (label.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && label.Skip(2).All(char.IsAsciiHexDigit));

    private static ImageFault Bad(string detail) => new("bad-url", detail);

    private static ImageFault Forbidden(string detail) => new("forbidden-host", detail);
}
