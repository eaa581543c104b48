using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;

namespace KlingProxy.Storage.Stores;

/// <summary>
/// Pages of jobs, newest first. Each reads one stretch of one index and stops at its limit; the first page begins after the last instant there is. Who pays
/// for a job may see it, and so may the ticket that made it: their lists are read beside each other, each up to the limit, and merged here.
/// </summary>
internal static class JobPages
{
    private const string Place = "(created_at, id) < (@at, @id) ORDER BY created_at DESC, id DESC LIMIT @limit";

    private const string All =
        $"""
        SELECT document FROM (SELECT document, created_at, id FROM jobs WHERE payer_id = @caller AND {Place}) AS paid
        UNION ALL SELECT document FROM (
            SELECT document, created_at, id FROM jobs WHERE caller_id = @caller AND caller_id <> payer_id AND {Place}) AS made
        """;

    /// <summary>Whose and status are one key, so that no engine can take the list of all jobs instead and leave out most of it.</summary>
    private const string InStatus =
        $"""
        SELECT document FROM (SELECT document, created_at, id FROM jobs WHERE payer_id || ' ' || status = @side AND {Place}) AS paid
        UNION ALL SELECT document FROM (
            SELECT document, created_at, id FROM jobs WHERE caller_id || ' ' || status = @side AND caller_id <> payer_id AND {Place}) AS made
        """;

    private const string Waiting = $"SELECT document FROM jobs WHERE attention = 1 AND {Place}";

    public static Task<IReadOnlyList<Job>> Of(SqlSession sql, CallerId callerId, JobStatus? status, int limit, KeysetCursor? before) => status is { } wanted
        ? Page(sql, InStatus, limit, before, ("@side", $"{callerId.Value} {wanted.Word}"))
        : Page(sql, All, limit, before, ("@caller", callerId));

    public static Task<IReadOnlyList<Job>> InAttention(SqlSession sql, int limit, KeysetCursor? before) => Page(sql, Waiting, limit, before);

    private static async Task<IReadOnlyList<Job>> Page(
        SqlSession sql, string text, int limit, KeysetCursor? before, params (string Name, object? Value)[] whose)
    {
        var jobs = await sql.Query(
            text, row => JobDocument.Parse(row.GetString(0)),
            [.. whose, ("@at", Column.Of(before?.At ?? DateTimeOffset.MaxValue)), ("@id", before?.Id ?? ""), ("@limit", (long)limit)]);
        return [.. jobs.OrderByDescending(job => job.CreatedAt).ThenByDescending(job => job.Id.Value, StringComparer.Ordinal).Take(limit)];
    }
}
