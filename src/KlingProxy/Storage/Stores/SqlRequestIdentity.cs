using System.Data.Common;
using System.Diagnostics;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;

namespace KlingProxy.Storage.Stores;

/// <summary>The rows by which a repeated request finds its job.</summary>
internal static class SqlRequestIdentity
{
    /// <summary>Its job has not ended, which its caller waits for.</summary>
    private const string IsAwaited = "(u.until_end = 1 AND j.look_at IS NOT NULL)";

    /// <summary>A request that came before its repetition was named may be read, and its images stored, only long after.</summary>
    private static readonly TimeSpan MaxArrival = TimeSpan.FromHours(1);

    public static async Task<JobAdded.Again?> Find(SqlSession sql, CallerId callerId, RequestIdentity identity) => identity switch
    {
        IdempotencyKey key => (await sql.Query(
            "SELECT j.document, k.fingerprint FROM idempotency_keys k LEFT JOIN jobs j ON j.id = k.job_id WHERE k.caller_id = @caller AND k.text = @text",
            row => Replay(row, sameBody: row.GetString(1) == Hex(key)),
            ("@caller", callerId), ("@text", key.Text))).FirstOrDefault(),
        UnacknowledgedBody body => (await sql.Query(
            $"""
            SELECT j.document FROM unanswered u LEFT JOIN jobs j ON j.id = u.job_id
            WHERE u.caller_id = @caller AND u.fingerprint = @fingerprint AND (u.until > @now OR {IsAwaited})
            ORDER BY CASE WHEN j.id IS NULL THEN 1 ELSE 0 END, j.created_at DESC, j.id
            """,
            row => Replay(row, sameBody: true),
            ("@caller", callerId), ("@fingerprint", Hex(body)), ("@now", Column.Of(body.At)))).Find(earlier => earlier.Job is not { } job || body.IsSame(job)),
        _ => throw new UnreachableException(),
    };

    public static async Task Add(SqlSession sql, Job job, RequestIdentity identity)
    {
        if (identity is IdempotencyKey key)
        {
            await sql.Execute("INSERT INTO idempotency_keys (caller_id, text, fingerprint, job_id) VALUES (@caller, @text, @fingerprint, @job)",
                ("@caller", job.CallerId), ("@text", key.Text), ("@fingerprint", Hex(key)), ("@job", job.Id));
            return;
        }
        await sql.Execute(
            $"DELETE FROM unanswered AS u WHERE u.until < @past AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = u.job_id AND {IsAwaited})",
            ("@past", Column.Of(job.CreatedAt - MaxArrival)));
        await Await(sql, job, (UnacknowledgedBody)identity, job.CreatedAt);
    }

    /// <summary>From now on the same body is the same wish; what stood there already stays, but for what <see cref="Heard.WhenEnded"/> adds.</summary>
    public static Task<int> Await(SqlSession sql, Job job, UnacknowledgedBody body, DateTimeOffset since) => sql.Execute(
        """
        INSERT INTO unanswered (job_id, caller_id, fingerprint, until, until_end) VALUES (@job, @caller, @fingerprint, @until, @end)
        ON CONFLICT (job_id) DO UPDATE SET until_end = excluded.until_end
        """,
        ("@job", job.Id), ("@caller", job.CallerId), ("@fingerprint", Hex(body)), ("@until", Column.Of(body.Until(since))),
        ("@end", body.Heard == Heard.WhenEnded ? 1L : 0L));

    /// <summary>What was named meanwhile stays named: a client asks for its request faster than we note that it was told.</summary>
    public static Task<int> Unanswered(SqlSession sql, JobId jobId, DateTimeOffset at, TimeSpan grace) => sql.Execute(
        "UPDATE unanswered SET until = @until WHERE job_id = @id AND (until > @at OR until_end = 1)",
        ("@id", jobId), ("@at", Column.Of(at)), ("@until", Column.Of(at + grace)));

    public static async Task<bool> IsUnnamed(SqlSession sql, JobId jobId, DateTimeOffset at) => (await sql.Query(
        "SELECT 1 FROM unanswered WHERE job_id = @id AND until_end = 0 AND until > @at", _ => true, ("@id", jobId), ("@at", Column.Of(at)))).Count > 0;

    /// <summary>What came before that may still be a repetition, however late it is read.</summary>
    public static Task<int> Named(SqlSession sql, JobId jobId, DateTimeOffset at) => sql.Execute(
        "UPDATE unanswered SET until = @at WHERE job_id = @id AND until_end = 0 AND until > @at", ("@id", jobId), ("@at", Column.Of(at)));

    /// <summary>Whoever waited for the end may not have heard of it, and asks again.</summary>
    public static Task<int> Ended(SqlSession sql, JobId jobId, DateTimeOffset at) => sql.Execute(
        "UPDATE unanswered SET until = @until WHERE job_id = @id AND until_end = 1 AND until < @until",
        ("@id", jobId), ("@until", Column.Of(at + UnacknowledgedBody.Grace)));

    /// <summary>The same request is a new one from now on.</summary>
    public static async Task Forget(SqlSession sql, JobId jobId)
    {
        await sql.Execute("DELETE FROM idempotency_keys WHERE job_id = @id", ("@id", jobId));
        await ForgetUnanswered(sql, jobId);
    }

    /// <summary>
    /// Whoever deletes a job knows of it. But an idempotency key stands for one request for ever, and a client that repeats a run does not know that somebody
    /// deleted its job.
    /// </summary>
    public static Task<int> ForgetDeleted(SqlSession sql, JobId jobId) =>
        sql.Execute("DELETE FROM unanswered WHERE job_id = @id AND until_end = 0", ("@id", jobId));

    public static Task<int> ForgetUnanswered(SqlSession sql, JobId jobId) => sql.Execute("DELETE FROM unanswered WHERE job_id = @id", ("@id", jobId));

    private static JobAdded.Again Replay(DbDataReader row, bool sameBody) => new(row.IsDBNull(0) ? null : JobDocument.Parse(row.GetString(0)), sameBody);

    private static string Hex(RequestIdentity identity) => Convert.ToHexStringLower(identity.Fingerprint);
}
