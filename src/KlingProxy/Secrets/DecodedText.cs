using System.Globalization;

namespace KlingProxy.Secrets;

/// <summary>
/// A text with its escapes undone (<c>%3A</c>, <c>\u003a</c>, <c>\/</c>), which knows where each character stood: encodings hide nothing, and are left
/// as they are.
/// </summary>
internal sealed class DecodedText
{
    private readonly int[]? places; // one more than characters; none while nothing was decoded

    private DecodedText(string text, int[]? places) => (Text, this.places) = (text, places);

    public string Text { get; }

    public static DecodedText Of(string text) => new(text, null);

    /// <summary>Where a piece of it stands in the text that it was made from.</summary>
    public (int Start, int End) PlaceOf(int start, int end) => places is null ? (start, end) : (places[start], places[end]);

    /// <returns>With one more layer of escapes undone; <c>null</c> where there is none.</returns>
    public DecodedText? Decoded()
    {
        if (!Text.AsSpan().ContainsAny('%', '\\'))
            return null;
        var (letters, starts, length) = (new char[Text.Length], new int[Text.Length + 1], 0);
        for (var at = 0; at < Text.Length; length++)
        {
            starts[length] = PlaceOf(at, at).Start;
            (letters[length], var taken) = Next(Text.AsSpan(at));
            at += taken;
        }
        if (length == Text.Length)
            return null;
        starts[length] = PlaceOf(Text.Length, Text.Length).Start;
        return new DecodedText(new string(letters, 0, length), starts);
    }

    private static (char Letter, int Taken) Next(ReadOnlySpan<char> text) => text switch
    {
        ['%', var high, var low, ..] when char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low) && Hex(text[1..3]) is < '\x80' and var letter => (letter, 3),
        ['\\', 'u' or 'U', _, _, _, _, ..] when text[2..6].ToString().All(char.IsAsciiHexDigit) => (Hex(text[2..6]), 6),
        ['\\', '/' or '"' or '\\', ..] => (text[1], 2),
        _ => (text[0], 1),
    };

    private static char Hex(ReadOnlySpan<char> digits) => (char)int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
