using System.Text;

namespace KlingProxy.Uploads.Receiving;

/// <summary>
/// What separates the parts of a form. Many programs write it without the quotes that RFC 2045 asks for, or let somebody else write the content type without
/// it: then it is read as it is meant.
/// </summary>
internal static class FormBoundary
{
    public const string Malformed =
        "The form ended early or is framed wrongly: its parts stand between lines of --boundary, the last line is --boundary--, and lines end with CR LF.";

    /// <summary>RFC 2046 5.1.1. In characters.</summary>
    public const int Max = 70;

    private const string Parameter = "boundary=";

    /// <returns><c>null</c> where the content type names none, or one that cannot be.</returns>
    public static string? In(string contentType)
    {
        for (var at = contentType.IndexOf(';', StringComparison.Ordinal); at >= 0; at = contentType.IndexOf(';', at + 1))
        {
            var rest = contentType.AsSpan(at + 1).TrimStart();
            if (!rest.StartsWith(Parameter, StringComparison.OrdinalIgnoreCase))
                continue;
            rest = rest[Parameter.Length..];
            var end = rest.StartsWith('"') ? rest[1..].IndexOf('"') : rest.IndexOf(';');
            var boundary = rest.StartsWith('"') ? end < 0 ? [] : rest[1..(end + 1)] : (end < 0 ? rest : rest[..end]).Trim();
            return IsPossible(boundary) ? boundary.ToString() : null;
        }
        return null;
    }

    /// <returns>What the first line of a form shows; <c>null</c> where it begins otherwise.</returns>
    public static string? AtStart(ReadOnlySpan<byte> body)
    {
        var end = body[..Math.Min(body.Length, Max + 4)].IndexOf("\r\n"u8);
        if (end < 3 || !body.StartsWith("--"u8) || !body[(end + 2)..].StartsWith("Content-"u8))
            return null;
        var boundary = Encoding.Latin1.GetString(body[2..end]);
        return IsPossible(boundary) ? boundary : null;
    }

    private static bool IsPossible(ReadOnlySpan<char> boundary) =>
        boundary.Length is > 0 and <= Max && !boundary.ContainsAnyExceptInRange(' ', '~') && boundary[^1] != ' ';
}
