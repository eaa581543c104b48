using System.Data.Common;

using KlingProxy.Access.Audit;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Storage.Stores;

/// <summary>
/// Acts of operators. Each question is one stretch of one index, of which what is asked for is the beginning and a part of the place: an engine that may look
/// for the time alone may read everybody's acts to find one's (ADR 39).
/// </summary>
internal sealed class SqlAuditStore(ISqlDatabase database) : IAuditStore
{
    private const string Columns = "id, at, by_id, act, subject, detail";

    private const string OfAll =
        $"SELECT {Columns} FROM audit WHERE (at, id) < (@at, @place) AND at >= @from ORDER BY at DESC, id DESC LIMIT @limit";

    private const string ByOperator =
        $"""
        SELECT {Columns} FROM audit WHERE (by_id, at, id) < (@key, @at, @place) AND (by_id, at) >= (@key, @from)
        ORDER BY by_id DESC, at DESC, id DESC LIMIT @limit
        """;

    private const string OfAct =
        $"""
        SELECT {Columns} FROM audit WHERE (act, at, id) < (@key, @at, @place) AND (act, at) >= (@key, @from)
        ORDER BY act DESC, at DESC, id DESC LIMIT @limit
        """;

    private const string ByOperatorOfAct =
        $"""
        SELECT {Columns} FROM audit WHERE (by_act, at, id) < (@key, @at, @place) AND (by_act, at) >= (@key, @from)
        ORDER BY by_act DESC, at DESC, id DESC LIMIT @limit
        """;

    /// <summary>Within the transaction of what it is about. An act may have to change two things, each in its own: it is one all the same.</summary>
    /// <param name="act"><c>null</c>: no operator does this.</param>
    public static Task<int> Add(SqlSession sql, OperatorAct? act) => act is null ? Task.FromResult(0) : sql.Execute(
        """
        INSERT INTO audit (id, at, by_id, act, by_act, subject, detail) VALUES (@id, @at, @by, @act, @both, @subject, @detail)
        ON CONFLICT (id) DO NOTHING
        """,
        ("@id", act.Id), ("@at", Column.Of(act.At)), ("@by", act.By), ("@act", act.Act), ("@both", Both(act.By, act.Act)), ("@subject", act.Subject),
        ("@detail", act.Detail));

    public Task<IReadOnlyList<OperatorAct>> List(AuditQuery query, int limit, KeysetCursor? before, CancellationToken cancel)
    {
        var place = query.Range.Start(before);
        (string, object?)[] stretch =
            [("@at", Column.Of(place.At)), ("@place", place.Id), ("@from", Column.Of(query.Range.From)), ("@limit", (long)limit)];
        return database.Read(async sql => (IReadOnlyList<OperatorAct>)await (query switch
        {
            { By: { } by, Act: { } act } => sql.Query(ByOperatorOfAct, Act, [.. stretch, ("@key", Both(by, act))]),
            { By: { } by } => sql.Query(ByOperator, Act, [.. stretch, ("@key", by)]),
            { Act: { } act } => sql.Query(OfAct, Act, [.. stretch, ("@key", act)]),
            _ => sql.Query(OfAll, Act, stretch),
        }));
    }

    // Sorted here: an engine that expects many would rather sort them itself.
    public Task<IReadOnlyList<OperatorAct>> About(string subject, CancellationToken cancel) => database.Read(async sql =>
        (IReadOnlyList<OperatorAct>)[.. (await sql.Query($"SELECT {Columns} FROM audit WHERE subject = @subject", Act, ("@subject", subject)))
            .OrderBy(act => act.At).ThenBy(act => act.Id, StringComparer.Ordinal)]);

    private static string Both(CallerId by, string act) => $"{by.Value} {act}";

    private static OperatorAct Act(DbDataReader row) => new(
        row.GetString(0), row.Time(1), new CallerId(row.GetString(2)), row.GetString(3), row.GetString(4), row.GetString(5));
}
