using System.Data.Common;
using System.Diagnostics;

using KlingProxy.Jobs;

namespace KlingProxy.Storage;

/// <summary>The rows by which a repeated request finds its job.</summary>
internal static class SqlRequestIdentity
{
    public static async Task<JobAdded.Again?> Find(SqlSession sql, string callerId, RequestIdentity identity) => identity switch
    {
        IdempotencyKey key => (await sql.Query(
            "SELECT j.document, k.fingerprint FROM idempotency_keys k LEFT JOIN jobs j ON j.id = k.job_id WHERE k.caller_id = @caller AND k.text = @text",
            row => Replay(row, sameBody: row.GetString(1) == Hex(key)),
            ("@caller", callerId), ("@text", key.Text))).FirstOrDefault(),
        UnansweredBody body => (await sql.Query(
            "SELECT j.document FROM unanswered u JOIN jobs j ON j.id = u.job_id WHERE u.caller_id = @caller AND u.fingerprint = @fingerprint AND u.until > @now ORDER BY j.created_at DESC, j.id",
            row => Replay(row, sameBody: true),
            ("@caller", callerId), ("@fingerprint", Hex(body)), ("@now", Column.Of(body.At)))).Find(earlier => !body.IsBeingAnswered(earlier.Job!.Id)),
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
        await sql.Execute("DELETE FROM unanswered WHERE until < @now", ("@now", Column.Of(job.CreatedAt)));
        await sql.Execute("INSERT INTO unanswered (job_id, caller_id, fingerprint, until) VALUES (@job, @caller, @fingerprint, @until)",
            ("@job", job.Id), ("@caller", job.CallerId), ("@fingerprint", Hex(identity)), ("@until", Column.Of(job.CreatedAt + UnansweredBody.Lifetime)));
    }

    /// <summary>The same request is a new one from now on.</summary>
    public static async Task Forget(SqlSession sql, string jobId)
    {
        await sql.Execute("DELETE FROM idempotency_keys WHERE job_id = @id", ("@id", jobId));
        await ForgetUnanswered(sql, jobId);
    }

    public static Task<int> ForgetUnanswered(SqlSession sql, string jobId) => sql.Execute("DELETE FROM unanswered WHERE job_id = @id", ("@id", jobId));

    private static JobAdded.Again Replay(DbDataReader row, bool sameBody) => new(row.IsDBNull(0) ? null : SqlJobStore.Parse(row.GetString(0)), sameBody);

    private static string Hex(RequestIdentity identity) => Convert.ToHexStringLower(identity.Fingerprint);
}
