using KlingProxy.Access.Audit;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Spending;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Storage.Stores;

/// <summary>The ledger, and its totals: rows that the database itself changes with each entry, see <c>Migrations</c> and <see cref="SqlTotals"/>.</summary>
internal sealed class SqlLedger(ISqlDatabase database) : ILedger
{
    public Task<Commitments> Committed(Payer payer, DateTimeOffset now, CancellationToken cancel) => database.Read(sql => Committed(sql, payer, now));

    /// <summary>The same within a transaction, in which it stays so until the commit.</summary>
    public static async Task<Commitments> Committed(SqlSession sql, Payer payer, DateTimeOffset now)
    {
        var (day, ever) = await SqlTotals.Of(sql, payer.Id, DateOnly.FromDateTime(now.UtcDateTime));
        return new Commitments(
            day(SqlTotals.Everyone).Committed, day(SqlTotals.Anonymous).Committed, day(payer.Id).Committed,
            payer.InTotal is null ? null : ever(payer.Id).Committed, ever(SqlTotals.Everyone).InFlight, ever(payer.Id).InFlight, await Frozen(sql));
    }

    public static Task<int> Add(SqlSession sql, LedgerEntry entry) => sql.Execute(
        "INSERT INTO ledger (job_id, request_id, caller_id, model, kind, amount, estimated, day, at) "
            + "VALUES (@job, @request, @payer, @model, @kind, @amount, @estimated, @day, @at)",
        ("@job", entry.JobId), ("@request", entry.RequestId), ("@payer", entry.PayerId), ("@model", entry.Model), ("@kind", entry.Kind.ToString()),
        ("@amount", Column.Of(entry.Amount)), ("@estimated", entry.Estimated ? 1L : 0L), ("@day", Column.Of(entry.Day)), ("@at", Column.Of(entry.At)));

    /// <summary>A job is sent on another day than it was recorded, and counts on that: its hold is the one line that ever changes, and only in this.</summary>
    public static Task<int> MoveHold(SqlSession sql, JobId jobId, DateOnly day) => sql.Execute(
        "UPDATE ledger SET day = @day WHERE job_id = @job AND kind = 'Hold'", ("@day", Column.Of(day)), ("@job", jobId));

    public Task<IReadOnlyList<LedgerEntry>> Entries(LedgerQuery query, int limit, KeysetCursor? before, CancellationToken cancel) =>
        database.Read(sql => LedgerPages.Read(sql, query, limit, before));

    public Task<IReadOnlyList<Usage>> Usage(DateOnly from, DateOnly to, CancellationToken cancel) => database.Read(sql => SqlTotals.Usage(sql, from, to));

    public Task<IReadOnlyList<TotalsGap>> Gaps(DateOnly from, DateOnly to, CancellationToken cancel) => database.Read(sql => SqlTotals.Gaps(sql, from, to));

    public Task<IReadOnlyList<Settled>> SettledGaps(DateOnly from, DateOnly to, CancellationToken cancel) =>
        database.Read(sql => SqlTotals.SettledGaps(sql, from, to));

    public Task<IReadOnlyList<Settled>> Settled(DateOnly from, DateOnly to, CancellationToken cancel) =>
        database.Read(sql => SqlTotals.Settled(sql, from, to));

    public Task<Freeze?> Frozen(CancellationToken cancel) => database.Read(Frozen);

    public static async Task<Freeze?> Frozen(SqlSession sql) =>
        (await sql.Query("SELECT since, by_id, reason FROM spending_freeze WHERE id = 1", row => new Freeze(row.Time(0), row.GetString(1), row.GetString(2))))
            .FirstOrDefault();

    public Task<Freeze> Freeze(Freeze freeze, OperatorAct? act = null) => database.Write(async sql =>
    {
        await sql.Execute("INSERT INTO spending_freeze (id, since, by_id, reason) VALUES (1, @since, @by, @reason) ON CONFLICT (id) DO NOTHING",
            ("@since", Column.Of(freeze.Since)), ("@by", freeze.By), ("@reason", freeze.Reason));
        await SqlAuditStore.Add(sql, act);
        return (await Frozen(sql))!;
    });

    public Task<bool> Unfreeze(OperatorAct? act = null) => database.Write(async sql =>
    {
        await SqlAuditStore.Add(sql, act);
        return await sql.Execute("DELETE FROM spending_freeze WHERE id = 1") > 0;
    });
}
