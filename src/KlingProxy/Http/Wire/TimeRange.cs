using System.Globalization;

using KlingProxy.Http.Docs;

namespace KlingProxy.Http.Wire;

/// <summary>A stretch of time from a query: instants, or UTC days, which count whole. All time where nothing is said.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive.</param>
internal readonly record struct TimeRange(DateTimeOffset From, DateTimeOffset Until)
{
    public static readonly TimeRange All = new(DateTimeOffset.MinValue, DateTimeOffset.MaxValue);

    private static readonly string[] Instants = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"];

    private const string Day = "yyyy-MM-dd";

    /// <summary>For the API description, and so that they are known.</summary>
    public static readonly object[] Parameters =
    [
        ApiParameter.Query("from", "Nothing before: a time such as `2026-08-01T12:00:00Z`, or a UTC day such as `2026-08-01`."),
        ApiParameter.Query("to", "Nothing from that time on; of a day nothing after its end."),
    ];

    /// <param name="faults">Gets what is wrong with them.</param>
    public static TimeRange Read(string? from, string? to, List<string> faults)
    {
        var (first, last) = (from is null ? All.From : Instant(from, isEnd: false), to is null ? All.Until : Instant(to, isEnd: true));
        if (first is null || last is null)
            faults.Add("from and to must be RFC 3339 times such as 2026-08-01T12:00:00Z, or UTC days such as 2026-08-01.");
        else if (first >= last)
            faults.Add("from must be earlier than to.");
        return new TimeRange(first ?? All.From, last ?? All.Until);
    }

    /// <summary>Where reading backwards begins: after the row of a cursor, or at the end of the range.</summary>
    public KeysetCursor Start(KeysetCursor? before) => before is not null && before.At < Until ? before : new KeysetCursor(Until, "");

    private static DateTimeOffset? Instant(string text, bool isEnd)
    {
        if (DateOnly.TryParseExact(text, Day, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return isEnd && day == DateOnly.MaxValue ? DateTimeOffset.MaxValue
                : new DateTimeOffset(isEnd ? day.AddDays(1) : day, TimeOnly.MinValue, TimeSpan.Zero);
        return DateTimeOffset.TryParseExact(
            text, Instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : null;
    }
}
