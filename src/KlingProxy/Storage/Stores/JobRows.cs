using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Storage.Live;

namespace KlingProxy.Storage.Stores;

/// <summary>One job within a transaction: its row, and the rows of other tables that change with it.</summary>
internal sealed class JobRows(LiveState live, TimeProvider time)
{
    public static Task<Job?> Find(SqlSession sql, JobId id) => Document(sql, id, JobDocument.Parse);

    public static async Task<T?> Document<T>(SqlSession sql, JobId id, Func<string, T> read) where T : class =>
        (await sql.Query("SELECT document FROM jobs WHERE id = @id", row => read(row.GetString(0)), ("@id", id))).FirstOrDefault();

    /// <summary>With its first event and its hold.</summary>
    public async Task Insert(SqlSession sql, Job job, DateTimeOffset lookAt)
    {
        await sql.Execute(
            "INSERT INTO jobs (id, caller_id, payer_id, status, created_at, look_at, version, document) VALUES (@id, @caller, @payer, @status, @created, "
                + "@look, @version, @document)",
            ("@id", job.Id), ("@caller", job.CallerId), ("@payer", job.PayerId), ("@status", job.Status.Word), ("@created", Column.Of(job.CreatedAt)),
            ("@look", Column.Of(lookAt)), ("@version", job.Version), ("@document", Written(sql, job)));
        await AddEvent(sql, job, job.CreatedAt);
        await SqlLedger.Add(sql, JobLedger.Hold(job));
    }

    /// <summary>With all that follows from the move.</summary>
    /// <returns>The job as it was written.</returns>
    public async Task<Job> Save(SqlSession sql, Job before, Job moved, DateTimeOffset? lookAt)
    {
        var step = Step.Of(before, moved);
        await Update(sql, step.After, lookAt);
        await Carry(sql, step);
        return step.After;
    }

    /// <summary>With all that follows from each move that can be made; the row is written once, as it stands after the last.</summary>
    /// <returns>The job as it was written; <paramref name="before"/> where none can be made.</returns>
    public async Task<Job> Save(SqlSession sql, Job before, params Func<Job, Job?>[] moves)
    {
        var steps = new List<Step>();
        foreach (var move in moves)
        {
            var current = steps is [.., var made] ? made.After : before;
            if (move(current) is { } moved)
                steps.Add(Step.Of(current, moved));
        }
        if (steps is not [.., var last])
            return before;

        await Update(sql, last.After, null);
        foreach (var step in steps)
            await Carry(sql, step);
        return last.After;
    }

    private Task<int> Update(SqlSession sql, Job after, DateTimeOffset? lookAt) => sql.Execute(
        """
        UPDATE jobs SET status = @status, attention = @attention, request_id = @request, version = @version, document = @document,
                        look_at = CASE WHEN @over = 1 THEN NULL ELSE COALESCE(@look, look_at) END
        WHERE id = @id
        """,
        ("@status", after.Status.Word), ("@attention", after.NeedsAttention ? 1L : 0L), ("@request", after.RequestId), ("@version", after.Version),
        ("@document", Written(sql, after)), ("@over", after.NeedsLooks ? 0L : 1L), ("@look", Column.Of(lookAt)), ("@id", after.Id));

    private async Task Carry(SqlSession sql, Step step)
    {
        var (job, ending) = step;
        if (ending.IsEvent)
            await AddEvent(sql, job, job.EndedAt ?? time.GetUtcNow());
        if (ending.HoldCountsOn is { } day)
            await SqlLedger.MoveHold(sql, job.Id, day);
        foreach (var entry in ending.Entries)
            await SqlLedger.Add(sql, entry);
        if (ending.FreesKey)
            await SqlRequestIdentity.Forget(sql, job.Id);
        if (ending.FreesTicket)
            await SqlTicketStore.GiveBack(sql, live, job);
        if (ending.GraceFrom is { } ended)
            await SqlRequestIdentity.Ended(sql, job.Id, ended);
    }

    private static Task<int> AddEvent(SqlSession sql, Job job, DateTimeOffset at) => sql.Execute(
        "INSERT INTO job_events (job_id, sequence, status, queue_position, at) VALUES (@job, @sequence, @status, @position, @at)",
        ("@job", job.Id), ("@sequence", job.Version), ("@status", job.Status.Word), ("@position", job.QueuePosition), ("@at", Column.Of(at)));

    /// <returns>The document of the job as it is being written.</returns>
    private string Written(SqlSession sql, Job job)
    {
        var document = JobDocument.Text(job);
        sql.Wrote(live.Jobs, job.Id.Value, new LiveJob(document));
        return document;
    }

    /// <param name="After">The job as it stands after one move.</param>
    /// <param name="Ending">What follows from the move.</param>
    private sealed record Step(Job After, JobEnding Ending)
    {
        public static Step Of(Job before, Job moved)
        {
            var ending = JobEnding.Consequences(before, moved);
            return new Step(ending.IsEvent ? moved with { Version = before.Version + 1 } : moved, ending);
        }
    }
}
