using System.Globalization;

namespace KlingProxy.Http.Wire;

/// <summary>Which part of a list. One row more than asked for is read: it tells whether there is another page.</summary>
internal static class KeysetPage
{
    /// <param name="limits">How many rows a page has where nobody says, and at most.</param>
    /// <param name="place">Reads the list's cursor.</param>
    /// <param name="faults">Gets what is wrong with them.</param>
    public static (int Size, KeysetCursor? Before) Read(
        string? limit, string? cursor, (int Default, int Max) limits, Func<string, KeysetCursor?> place, List<string> faults)
    {
        var size = limits.Default;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size < 1 || size > limits.Max))
            faults.Add($"limit must be a whole number from 1 to {limits.Max}.");
        var before = cursor is null ? null : place(cursor);
        if (cursor is not null && before is null)
            faults.Add("cursor must be the next_cursor of a page before.");
        return (size, before);
    }

    /// <returns>For the next page; <c>null</c> on the last.</returns>
    public static string? Next<TRow>(IReadOnlyList<TRow> rows, int size, Func<TRow, KeysetCursor> place) =>
        rows.Count > size ? place(rows[size - 1]).ToString() : null;
}
