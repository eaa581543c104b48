using System.Globalization;

namespace KlingProxy.Spending.Ledger;

/// <summary>UTC days from a query, both inclusive: the last thirty unless told otherwise.</summary>
internal readonly record struct DayRange(DateOnly From, DateOnly To)
{
    /// <summary>In days.</summary>
    public const int Usual = 30, Max = 366;

    /// <returns>What is wrong with the query; <c>null</c> when nothing is.</returns>
    public static string? Read(string? from, string? to, DateTimeOffset now, out DayRange range)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        var last = Day(to);
        var first = Day(from);
        var end = last ?? today;
        range = new DayRange(first ?? end.AddDays(-Math.Min(Usual - 1, end.DayNumber)), end);
        return (from is not null && first is null) || (to is not null && last is null) ? "from and to must be days such as 2026-08-01 (UTC)."
            : range.From > range.To ? "from must not be later than to."
            : range.To.DayNumber - range.From.DayNumber >= Max ? $"from and to may be {Max} days apart at most."
            : null;
    }

    private static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
