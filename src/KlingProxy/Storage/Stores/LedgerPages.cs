using System.Data.Common;

using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Storage.Stores;

/// <summary>
/// Pages of the ledger: newest day first, and within a day what was written last. Of all payers and of one, a page is one stretch of one index, read until it
/// is full; of one job it is sorted here, since a job has one entry of each kind at most.
/// </summary>
internal static class LedgerPages
{
    private const string Columns = "job_id, request_id, caller_id, model, kind, amount, estimated, day, at";

    private const string OfAll =
        $"""
        SELECT {Columns} FROM ledger WHERE (day, at, job_id, kind) < (@day, @at, @place, @kind) AND day >= @from
        ORDER BY day DESC, at DESC, job_id DESC, kind DESC LIMIT @limit
        """;

    // The payer as part of the place: an engine that may look for the day alone may read every payer's entries to find one's.
    private const string OfPayer =
        $"""
        SELECT {Columns} FROM ledger
        WHERE (caller_id, day, at, job_id, kind) < (@payer, @day, @at, @place, @kind) AND (caller_id, day) >= (@payer, @from)
        ORDER BY caller_id DESC, day DESC, at DESC, job_id DESC, kind DESC LIMIT @limit
        """;

    public static async Task<IReadOnlyList<LedgerEntry>> Read(SqlSession sql, LedgerQuery query, int limit, KeysetCursor? before)
    {
        var place = await Place(sql, query, before);
        if (query.JobId is { } job)
            return Page(await sql.Query($"SELECT {Columns} FROM ledger WHERE job_id = @job", Entry, ("@job", job)), query, limit, place);

        List<(string, object?)> parameters =
        [
            ("@day", place.Day), ("@at", place.At), ("@place", place.Id), ("@kind", place.Kind), ("@from", Column.Of(query.From)), ("@limit", (long)limit),
        ];
        return query.PayerId is { } payer
            ? await sql.Query(OfPayer, Entry, [("@payer", payer), .. parameters])
            : await sql.Query(OfAll, Entry, [.. parameters]);
    }

    private static List<LedgerEntry> Page(IEnumerable<LedgerEntry> ofOneJob, LedgerQuery query, int limit, (long, long, string, string) place) =>
        [.. ofOneJob
            .Where(entry => entry.Day >= query.From && entry.Day <= query.To && (query.PayerId is null || entry.PayerId == query.PayerId))
            .Select(entry => (Entry: entry, Place: (Column.Of(entry.Day), Column.Of(entry.At), entry.JobId.Value, entry.Kind.ToString())))
            .Where(row => row.Place.CompareTo(place) < 0)
            .OrderByDescending(row => row.Place)
            .Select(row => row.Entry)
            .Take(limit)];

    // A cursor does not name the day, and an entry never goes: the first page begins after the last day, every other where that entry is.
    private static async Task<(long Day, long At, string Id, string Kind)> Place(SqlSession sql, LedgerQuery query, KeysetCursor? before)
    {
        var end = Column.Of(query.To) + 1;
        if (before is not { Part: { } kind })
            return (end, 0, "", "");
        var days = await sql.Query(
            "SELECT day FROM ledger WHERE job_id = @place AND kind = @kind", row => row.GetInt64(0), ("@place", before.Id), ("@kind", kind));
        return days is [var day] && day < end ? (day, Column.Of(before.At), before.Id, kind) : (end, 0, "", "");
    }

    private static LedgerEntry Entry(DbDataReader row) => new(
        new JobId(row.GetString(0)), row.IsDBNull(1) ? null : new FalRequestId(row.GetString(1)), new CallerId(row.GetString(2)), row.GetString(3),
        Enum.Parse<LedgerKind>(row.GetString(4)), row.Usd(5), row.GetInt64(6) == 1, row.Day(7), row.Time(8));
}
