using System.Diagnostics;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;

namespace KlingProxy.Storage.Stores;

/// <summary>
/// The rows by which a repeated request finds its job. A row of <c>unanswered</c> says in <c>until_end</c> what its caller waits for: 0 the name of the job,
/// 1 the end of a job that has not ended, 2 the same of one that has.
/// </summary>
internal static class SqlRequestIdentity
{
    /// <summary>A request that came before its repetition was named may be read, and its images stored, only long after.</summary>
    private static readonly TimeSpan MaxArrival = TimeSpan.FromHours(1);

    /// <summary>Old rows that a new one takes with it: more than one, so that they become fewer, and few, so that nobody waits for others' rows.</summary>
    private const long Swept = 8;

    private const long PageOfSame = 64;

    /// <summary>For <c>until_end</c>, of a row whose caller waits for the end.</summary>
    private const string EndAsItIs = "CASE WHEN EXISTS (SELECT 1 FROM jobs WHERE id = @job AND look_at IS NOT NULL) THEN 1 ELSE 2 END";

    public static async Task<JobAdded.Again?> Find(SqlSession sql, CallerId callerId, RequestIdentity identity) => identity switch
    {
        IdempotencyKey key => (await sql.Query(
            "SELECT j.document, k.fingerprint FROM idempotency_keys k LEFT JOIN jobs j ON j.id = k.job_id WHERE k.caller_id = @caller AND k.text = @text",
            row => new JobAdded.Again(row.IsDBNull(0) ? null : JobDocument.Parse(row.GetString(0)), SameBody: row.GetString(1) == Hex(key)),
            ("@caller", callerId), ("@text", key.Text))).FirstOrDefault(),
        UnacknowledgedBody body => await FindSame(sql, callerId, body),
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
        await Sweep(sql, job.CreatedAt - MaxArrival);
        await Await(sql, job, (UnacknowledgedBody)identity, job.CreatedAt);
    }

    /// <summary>From now on the same body is the same wish; what stood there already stays, but for what <see cref="Heard.WhenEnded"/> adds.</summary>
    public static Task<int> Await(SqlSession sql, Job job, UnacknowledgedBody body, DateTimeOffset since) => sql.Execute(
        $"""
        INSERT INTO unanswered (job_id, caller_id, fingerprint, until, until_end)
        VALUES (@job, @caller, @fingerprint, @until, CASE WHEN @end = 1 THEN {EndAsItIs} ELSE 0 END)
        ON CONFLICT (job_id) DO UPDATE SET until_end = excluded.until_end
        """,
        ("@job", job.Id), ("@caller", job.CallerId), ("@fingerprint", Hex(body)), ("@until", Column.Of(body.Until(since))),
        ("@end", body.Heard == Heard.WhenEnded ? 1L : 0L));

    /// <summary>What was named meanwhile stays named: a client asks for its request faster than we note that it was told.</summary>
    public static Task<int> Unanswered(SqlSession sql, JobId jobId, DateTimeOffset at, TimeSpan grace) => sql.Execute(
        "UPDATE unanswered SET until = @until WHERE job_id = @id AND (until > @at OR until_end > 0)",
        ("@id", jobId), ("@at", Column.Of(at)), ("@until", Column.Of(at + grace)));

    public static async Task<bool> IsUnnamed(SqlSession sql, JobId jobId, DateTimeOffset at) => (await sql.Query(
        "SELECT 1 FROM unanswered WHERE job_id = @id AND until_end = 0 AND until > @at", _ => true, ("@id", jobId), ("@at", Column.Of(at)))).Count > 0;

    /// <summary>What came before that may still be a repetition, however late it is read.</summary>
    public static Task<int> Named(SqlSession sql, JobId jobId, DateTimeOffset at) => sql.Execute(
        "UPDATE unanswered SET until = @at WHERE job_id = @id AND until_end = 0 AND until > @at", ("@id", jobId), ("@at", Column.Of(at)));

    /// <summary>
    /// Whoever waited for the end may not have heard of it, and asks again. An end that fal disputes is none: asked for once the job stands as it does now.
    /// </summary>
    public static Task<int> Ended(SqlSession sql, JobId jobId, DateTimeOffset at) => sql.Execute(
        $"""
        UPDATE unanswered SET until = CASE WHEN until < @until THEN @until ELSE until END, until_end = {EndAsItIs}
        WHERE job_id = @job AND until_end > 0
        """,
        ("@job", jobId), ("@until", Column.Of(at + UnacknowledgedBody.Grace)));

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

    // The jobs one by one: no more of them are read than there are, whatever an engine believes about how many that will be.
    private static async Task<JobAdded.Again?> FindSame(SqlSession sql, CallerId callerId, UnacknowledgedBody body)
    {
        List<string> ids = [.. await Ids(sql, "until_end <> 1", callerId, body, Column.Of(body.At) + 1), .. await Ids(sql, "until_end = 1", callerId, body, 0)];
        var jobs = new List<Job?>();
        foreach (var id in ids.Where(id => !body.IsBeingAnswered(new JobId(id))))
            jobs.Add((await sql.Query("SELECT document FROM jobs WHERE id = @id", row => JobDocument.Parse(row.GetString(0)), ("@id", id))).FirstOrDefault());
        var same = jobs.Where(job => job is null || body.IsSame(job))
            .OrderBy(job => job is null).ThenByDescending(job => job?.CreatedAt).ThenBy(job => job?.Id.Value, StringComparer.Ordinal).ToList();
        return same.Count > 0 ? new JobAdded.Again(same[0], SameBody: true) : null;
    }

    // By pages, though there is hardly ever a second one: an engine that expects many would else read the table.
    private static async Task<List<string>> Ids(SqlSession sql, string which, CallerId callerId, UnacknowledgedBody body, long from)
    {
        var ids = new List<string>();
        for (var (place, full) = ((Until: from, Id: ""), true); full;)
        {
            var page = await sql.Query(
                $"""
                SELECT until, job_id FROM unanswered
                WHERE {which} AND caller_id = @caller AND fingerprint = @fingerprint AND (until, job_id) > (@until, @id) ORDER BY until, job_id LIMIT @limit
                """,
                row => (Until: row.GetInt64(0), Id: row.GetString(1)),
                ("@caller", callerId), ("@fingerprint", Hex(body)), ("@until", place.Until), ("@id", place.Id), ("@limit", PageOfSame));
            ids.AddRange(page.Select(row => row.Id));
            (place, full) = (page.LastOrDefault(), page.Count == PageOfSame);
        }
        return ids;
    }

    // Not of jobs that somebody waits for: those are as many as run.
    private static async Task Sweep(SqlSession sql, DateTimeOffset past)
    {
        var old = await sql.Query("SELECT job_id FROM unanswered WHERE until_end <> 1 AND until + 0 < @past ORDER BY until + 0 LIMIT @limit",
            row => row.GetString(0), ("@past", Column.Of(past)), ("@limit", Swept));
        foreach (var id in old)
            await ForgetUnanswered(sql, new JobId(id));
    }

    private static string Hex(RequestIdentity identity) => Convert.ToHexStringLower(identity.Fingerprint);
}
