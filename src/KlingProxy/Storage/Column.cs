using System.Data.Common;

namespace KlingProxy.Storage;

/// <summary>How values are written into columns, and read back.</summary>
internal static class Column
{
    private const decimal Millionths = 1_000_000;

    public static long Of(DateTimeOffset time) => time.UtcTicks;

    public static long? Of(DateTimeOffset? time) => time?.UtcTicks;

    /// <summary>Days since 0001-01-01.</summary>
    public static long Of(DateOnly day) => day.DayNumber;

    /// <summary>The first instant of a UTC day.</summary>
    public static long Start(DateOnly day) => day.DayNumber * TimeSpan.TicksPerDay;

    public static long Of(decimal usd) => decimal.ToInt64(decimal.Round(usd * Millionths));

    public static long? Of(decimal? usd) => usd is { } amount ? Of(amount) : null;

    public static DateTimeOffset Time(this DbDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    public static DateTimeOffset? TimeOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    public static DateOnly Day(this DbDataReader row, int column) => DateOnly.FromDayNumber((int)row.GetInt64(column));

    public static decimal Usd(this DbDataReader row, int column) => row.GetInt64(column) / Millionths;

    public static decimal? UsdOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.Usd(column);

    public static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static long? LongOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
}
