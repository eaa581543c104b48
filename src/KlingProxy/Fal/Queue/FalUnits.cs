using System.Globalization;

namespace KlingProxy.Fal.Queue;

/// <summary>
/// fal's word on what it billed, in units: seconds for this family (docs/fal-contract.md §6.4). It is a header, and has been wrong by more than a house costs.
/// </summary>
/// <param name="Number"><c>null</c> where the word is none that could be a bill: negative, no number, absurd.</param>
/// <param name="Text">As fal wrote it, for a person; <c>unreadable</c> where that is nothing like a number.</param>
internal sealed record FalUnits(decimal? Number, string Text)
{
    private const decimal Absurd = 100_000;

    private const int MaxTextLength = 40;

    public static implicit operator FalUnits(decimal number) => new(number, number.ToString(CultureInfo.InvariantCulture));

    /// <returns><c>null</c> where fal said nothing.</returns>
    public static FalUnits? Read(string? header) => string.IsNullOrWhiteSpace(header) ? null : new(Plausible(header), Legible(header));

    private static decimal? Plausible(string header) =>
        decimal.TryParse(header, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var units) && units is >= 0 and <= Absurd ? units : null;

    // Whatever else stands there is not shown to anybody: it may be anything.
    private static string Legible(string header) =>
        header.Length <= MaxTextLength && (header.All(character => char.IsAsciiDigit(character) || "+-.,eE".Contains(character))
            || header.Equals("NaN", StringComparison.OrdinalIgnoreCase))
            ? header
            : "unreadable";
}
