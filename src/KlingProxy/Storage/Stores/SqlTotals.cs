using System.Data.Common;

using KlingProxy.Ids;
using KlingProxy.Spending;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Storage.Stores;

/// <summary>
/// What is spoken for, spent and in flight, per day and purse: a few rows, however many jobs there are. Nothing in this code writes them: triggers
/// change them with the rows that they are totals of, so no writer, not even an older version beside this one, can forget to.
/// </summary>
internal static class SqlTotals
{
    /// <summary>Purses that are no payer's.</summary>
    public const string Everyone = "*", Anonymous = "*anonymous";

    /// <summary>The day that stands for all.</summary>
    private const long AllDays = 0;

    private const string Counts = "jobs, held, spent, estimated", Negative = "-jobs, -held, -spent, -estimated";

    public static async Task<(Func<string, Total> Day, Func<string, Total> Ever)> Of(SqlSession sql, CallerId payerId, DateOnly day)
    {
        var rows = await sql.Query(
            $"""
            SELECT day, purse, held, spent, in_flight FROM spending_totals WHERE day = @day AND purse IN ('{Everyone}', '{Anonymous}', @payer)
            UNION ALL
            SELECT day, purse, held, spent, in_flight FROM spending_totals WHERE day = {AllDays} AND purse IN ('{Everyone}', @payer)
            """,
            row => (Day: row.GetInt64(0), Purse: row.GetString(1), Total: new Total(row.Committed(2), (int)row.GetInt64(4))),
            ("@day", Column.Of(day)), ("@payer", payerId));

        return (purse => Find(Column.Of(day), purse), purse => Find(AllDays, purse));

        Total Find(long ofDay, string purse) => rows.Find(row => row.Day == ofDay && row.Purse == purse).Total;
    }

    // All rows of these days: sorted here, since an engine that does not know how many these are may sort them anyway.
    public static async Task<IReadOnlyList<Usage>> Usage(SqlSession sql, DateOnly from, DateOnly to) => [.. (await sql.Query(
        $"""
        SELECT day, purse, (SELECT name FROM api_keys WHERE id = purse), jobs, held, spent, estimated FROM spending_totals
        WHERE day >= @from AND day <= @to AND day > {AllDays} AND purse NOT IN ('{Everyone}', '{Anonymous}')
        """,
        row => new Usage(row.Day(0), new CallerId(row.GetString(1)), row.TextOrNull(2), row.GetInt64(3), row.Committed(4), row.Usd(6)),
        ("@from", Column.Of(from)), ("@to", Column.Of(to))))
        .OrderByDescending(usage => usage.Day).ThenBy(usage => usage.PayerId.Value, StringComparer.Ordinal)];

    /// <returns>What was spent per day of the entry and model.</returns>
    public static async Task<IReadOnlyList<Settled>> Settled(SqlSession sql, DateOnly from, DateOnly to) => [.. (await sql.Query(
        "SELECT day, model, amount, estimated FROM settled WHERE day >= @from AND day <= @to",
        row => new Settled(row.Day(0), row.GetString(1), row.Usd(2), row.Usd(3)), ("@from", Column.Of(from)), ("@to", Column.Of(to))))
        .OrderByDescending(settled => settled.Day).ThenBy(settled => settled.Model, StringComparer.Ordinal)];

    /// <summary>One statement, so that nothing is written between the totals and what they are totals of.</summary>
    public static async Task<IReadOnlyList<TotalsGap>> Gaps(SqlSession sql, DateOnly from, DateOnly to) => await sql.Query(
        $"""
        WITH counted AS MATERIALIZED (
            SELECT day, caller_id, SUM(jobs) AS jobs, SUM(held) AS held, SUM(spent) AS spent, SUM(estimated) AS estimated
            FROM ledger_counts WHERE day >= @from AND day <= @to GROUP BY day, caller_id)
        SELECT day, purse, {string.Join(", ", $"{Counts}, in_flight".Split(", ").Select(column => $"CAST(SUM({column}) AS BIGINT)"))} FROM (
            SELECT day, purse, {Counts}, in_flight FROM spending_totals WHERE day >= @from AND day <= @to
            UNION ALL SELECT day, caller_id, {Negative}, 0 FROM counted
            UNION ALL SELECT day, '{Everyone}', {Negative}, 0 FROM counted
            UNION ALL SELECT day, '{Anonymous}', {Negative}, 0 FROM counted WHERE caller_id LIKE 'anonymous:%'
            UNION ALL SELECT {AllDays}, purse, {Counts}, in_flight FROM spending_totals WHERE day = {AllDays}
            UNION ALL SELECT {AllDays}, purse, {Negative}, 0 FROM spending_totals WHERE day > {AllDays} AND purse NOT IN ('{Everyone}', '{Anonymous}')
            UNION ALL SELECT {AllDays}, payer_id, 0, 0, 0, 0, -1 FROM jobs WHERE look_at IS NOT NULL AND attention = 0
            UNION ALL SELECT {AllDays}, '{Everyone}', 0, 0, 0, 0, -1 FROM jobs WHERE look_at IS NOT NULL AND attention = 0) AS both_sides
        GROUP BY day, purse
        HAVING SUM(jobs) <> 0 OR SUM(held) <> 0 OR SUM(spent) <> 0 OR SUM(estimated) <> 0 OR SUM(in_flight) <> 0
        """,
        row => new TotalsGap(row.GetInt64(0) == AllDays ? null : row.Day(0), row.GetString(1), row.GetInt64(2), row.Committed(3), row.Usd(5), row.GetInt64(6)),
        ("@from", Math.Max(Column.Of(from), AllDays + 1)), ("@to", Column.Of(to)));

    // Two columns: held and spent.
    private static Committed Committed(this DbDataReader row, int column) => new(row.Usd(column), row.Usd(column + 1));

    /// <summary>
    /// The same of <c>settled</c>, whose days are those of the entries. They lie with the days on which their jobs count, which may be long before: so each
    /// of these days is asked, by index, for what came of it.
    /// </summary>
    public static async Task<IReadOnlyList<Settled>> SettledGaps(SqlSession sql, DateOnly from, DateOnly to) => await sql.Query(
        """
        WITH RECURSIVE days(of_jobs) AS (
            SELECT MIN(day) FROM ledger
            UNION ALL SELECT (SELECT MIN(day) FROM ledger WHERE day > of_jobs) FROM days WHERE of_jobs IS NOT NULL)
        SELECT day, model, CAST(SUM(amount) AS BIGINT), CAST(SUM(estimated) AS BIGINT) FROM (
            SELECT day, model, amount, estimated FROM settled WHERE day >= @from AND day <= @to
            UNION ALL SELECT ledger.at / 864000000000, ledger.model, -ledger.amount, CASE WHEN ledger.estimated = 1 THEN -ledger.amount ELSE 0 END
            FROM days CROSS JOIN ledger
            WHERE ledger.day = of_jobs AND ledger.at >= @since AND ledger.at < @until AND ledger.kind IN ('Settlement', 'Correction')) AS both_sides
        GROUP BY day, model
        HAVING SUM(amount) <> 0 OR SUM(estimated) <> 0
        """,
        row => new Settled(row.Day(0), row.GetString(1), row.Usd(2), row.Usd(3)),
        ("@from", Column.Of(from)), ("@to", Column.Of(to)), ("@since", Column.Start(from)), ("@until", Column.Start(to) + TimeSpan.TicksPerDay));

    /// <param name="InFlight">Jobs that have not ended, but for those that wait for a person; counted over all days.</param>
    public readonly record struct Total(Committed Committed, int InFlight);
}
