using System.Data.Common;

using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Spending;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Storage.Stores;

/// <summary>The ledger as it stands. Sums are made of its entries each time, so there is no second truth that could differ.</summary>
internal sealed class SqlLedger(ISqlDatabase database) : ILedger
{
    private const string Held = "CASE kind WHEN 'Hold' THEN amount WHEN 'Release' THEN -amount ELSE 0 END",
        Spent = "CASE WHEN kind IN ('Settlement', 'Correction') THEN amount ELSE 0 END";

    public Task<Commitments> Committed(Payer payer, DateTimeOffset now, CancellationToken cancel) => database.Read(sql => Committed(sql, payer, now));

    /// <summary>The same within a transaction, in which it stays so until the commit.</summary>
    public static async Task<Commitments> Committed(SqlSession sql, Payer payer, DateTimeOffset now)
    {
        var today = (await sql.Query(
            $"""
            SELECT {Sum(Held)}, {Sum(Spent)},
                   {Sum($"CASE WHEN caller_id LIKE 'anonymous:%' THEN {Held} ELSE 0 END")},
                   {Sum($"CASE WHEN caller_id LIKE 'anonymous:%' THEN {Spent} ELSE 0 END")},
                   {Sum($"CASE WHEN caller_id = @payer THEN {Held} ELSE 0 END")}, {Sum($"CASE WHEN caller_id = @payer THEN {Spent} ELSE 0 END")}
            FROM ledger WHERE day = @day
            """,
            row => (Everyone: row.Committed(0), Anonymous: row.Committed(2), Payer: row.Committed(4)),
            ("@payer", payer.Id), ("@day", Column.Of(DateOnly.FromDateTime(now.UtcDateTime))))).Single();
        var ever = payer.InTotal is null ? default(Committed?) : (await sql.Query(
            $"SELECT {Sum(Held)}, {Sum(Spent)} FROM ledger WHERE caller_id = @payer", row => row.Committed(0), ("@payer", payer.Id))).Single();
        var jobs = (await sql.Query(
            "SELECT COUNT(*), COALESCE(SUM(CASE WHEN payer_id = @payer THEN 1 ELSE 0 END), 0) FROM jobs WHERE look_at IS NOT NULL AND attention = 0",
            row => (Everyone: (int)row.GetInt64(0), Payer: (int)row.GetInt64(1)), ("@payer", payer.Id))).Single();
        return new Commitments(today.Everyone, today.Anonymous, today.Payer, ever, jobs.Everyone, jobs.Payer, await Frozen(sql));
    }

    public static async Task Add(SqlSession sql, LedgerEntry entry)
    {
        await sql.Execute(
            "INSERT INTO ledger (job_id, request_id, caller_id, model, kind, amount, estimated, day, at) "
                + "VALUES (@job, @request, @payer, @model, @kind, @amount, @estimated, @day, @at)",
            ("@job", entry.JobId), ("@request", entry.RequestId), ("@payer", entry.PayerId), ("@model", entry.Model), ("@kind", entry.Kind.ToString()),
            ("@amount", Column.Of(entry.Amount)),
            ("@estimated", entry.Estimated ? 1L : 0L), ("@day", Column.Of(entry.Day)), ("@at", Column.Of(entry.At)));
        await SqlSettled.Add(sql, entry);
    }

    /// <summary>A job is sent on another day than it was recorded, and counts on that: its hold is the one line that ever changes, and only in this.</summary>
    public static Task<int> MoveHold(SqlSession sql, JobId jobId, DateOnly day) => sql.Execute(
        "UPDATE ledger SET day = @day WHERE job_id = @job AND kind = 'Hold'", ("@day", Column.Of(day)), ("@job", jobId));

    public Task<IReadOnlyList<LedgerEntry>> Entries(LedgerQuery query, int limit, KeysetCursor? before, CancellationToken cancel) =>
        database.Read(sql => LedgerPages.Read(sql, query, limit, before));

    public Task<IReadOnlyList<Usage>> Usage(DateOnly from, DateOnly to, CancellationToken cancel) => database.Read(async sql =>
        (IReadOnlyList<Usage>)await sql.Query(
            $"""
            SELECT l.day, l.caller_id, MAX(k.name), COUNT(CASE WHEN kind = 'Hold' THEN 1 END), {Sum(Held)}, {Sum(Spent)},
                   {Sum($"CASE WHEN estimated = 1 THEN {Spent} ELSE 0 END")}
            FROM ledger l LEFT JOIN api_keys k ON k.id = l.caller_id
            WHERE l.day >= @from AND l.day <= @to GROUP BY l.day, l.caller_id ORDER BY l.day DESC, l.caller_id
            """,
            row => new Usage(row.Day(0), new CallerId(row.GetString(1)), row.IsDBNull(2) ? null : row.GetString(2), row.GetInt64(3), row.Committed(4),
            row.Usd(6)),
            ("@from", Column.Of(from)), ("@to", Column.Of(to))));

    public Task<IReadOnlyList<Settled>> Settled(DateOnly from, DateOnly to, CancellationToken cancel) =>
        database.Read(sql => SqlSettled.Read(sql, from, to));

    public Task<Freeze?> Frozen(CancellationToken cancel) => database.Read(Frozen);

    public static async Task<Freeze?> Frozen(SqlSession sql) =>
        (await sql.Query("SELECT since, by_id, reason FROM spending_freeze WHERE id = 1", row => new Freeze(row.Time(0), row.GetString(1), row.GetString(2))))
            .FirstOrDefault();

    public Task<Freeze> Freeze(Freeze freeze) => database.Write(async sql =>
    {
        await sql.Execute("INSERT INTO spending_freeze (id, since, by_id, reason) VALUES (1, @since, @by, @reason) ON CONFLICT (id) DO NOTHING",
            ("@since", Column.Of(freeze.Since)), ("@by", freeze.By), ("@reason", freeze.Reason));
        return (await Frozen(sql))!;
    });

    public Task<bool> Unfreeze() => database.Write(async sql => await sql.Execute("DELETE FROM spending_freeze WHERE id = 1") > 0);

    // PostgreSQL sums whole numbers to a decimal; nothing to sum is nothing.
    private static string Sum(string what) => $"CAST(COALESCE(SUM({what}), 0) AS BIGINT)";
}

file static class LedgerRow
{
    /// <summary>Two columns: held and spent.</summary>
    public static Committed Committed(this DbDataReader row, int column) => new(row.Usd(column), row.Usd(column + 1));
}
