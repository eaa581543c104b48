using System.Globalization;
using System.Text;
using System.Text.Json;

using KlingProxy.Secrets;

namespace KlingProxy.Fal.Calls;

/// <summary>
/// The kinds of text that fal says to us, each with its bound. What we know to be secret was struck out at the border; here goes what looks like a
/// credential of anybody's, and what is no text to show.
/// </summary>
internal static class FalText
{
    /// <summary>Longest sentence that is kept, in UTF-16 code units.</summary>
    public const int MaxSentence = 500;

    /// <summary>Read of it before anything is struck out, since half a credential is not known as one.</summary>
    private const int MaxRead = 4 * MaxSentence;

    private const int MaxWord = 100, MaxName = 255, MaxAddress = 4096, MaxInstant = 40, MaxFigures = 500;

    /// <summary>For people: a message, or a line that a model printed.</summary>
    public static string Sentence(string text)
    {
        var clean = Printable(CredentialPatterns.Strike(text.Length <= MaxRead ? text : text[..MaxRead]));
        return clean.Length <= MaxSentence ? clean : string.Concat(clean.AsSpan(0, MaxSentence - 1), "…");
    }

    /// <summary>To branch on: types go on into headers and codes, so a word or nothing.</summary>
    public static string? Word(string? text) =>
        text is { Length: > 0 and <= MaxWord } && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.')
        && CredentialPatterns.Strike(text) == text ? text : null;

    /// <summary>Of a file, a field or a type.</summary>
    public static string? Name(string? text) => text is { Length: <= MaxName } ? Printable(CredentialPatterns.Strike(text)) : null;

    /// <summary>To be opened: http or https, absolute. Left as it is, since its signature is a part of it.</summary>
    public static string? Address(string? text) =>
        text is { Length: <= MaxAddress }
        && Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
        && !text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character)) ? text : null;

    /// <summary>As fal writes it, where it is one.</summary>
    public static string? Instant(string? text) =>
        text is { Length: <= MaxInstant }
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && time.Year is >= 2000 and < 3000
            ? text
            : null;

    /// <summary>The limits that were broken: a small object.</summary>
    public static JsonElement? Figures(JsonElement context)
    {
        if (context.ValueKind != JsonValueKind.Object || context.GetRawText() is not { Length: <= MaxFigures } raw)
            return null;
        var clean = StruckJson.Rewrite(Encoding.UTF8.GetBytes(raw), text => Printable(CredentialPatterns.Strike(text)), number => number);
        return clean is null ? null : JsonElement.Parse(clean);
    }

    private static string Printable(string text) =>
        text.Any(IsUnfit) ? string.Concat(text.Select(character => IsUnfit(character) ? ' ' : character)) : text;

    // Orders to a terminal, and to who lays out a line: nothing that a reader sees.
    private static bool IsUnfit(char character) =>
        (char.IsControl(character) && character is not ('\n' or '\t'))
        || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\u2028' or '\u2029';
}
