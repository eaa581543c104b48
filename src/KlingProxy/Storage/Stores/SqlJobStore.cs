using KlingProxy.Access.Credentials;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Spending;

namespace KlingProxy.Storage.Stores;

/// <summary>Jobs with their events, idempotency keys and ledger entries, which change together or not at all.</summary>
internal sealed class SqlJobStore(ISqlDatabase database, JobSignals signals, TimeProvider time) : IJobStore
{
    public async Task<JobAdded> Add(
        Job job, RequestIdentity? identity, Payer payer, CancellationToken cancel, Func<Job, Departure?>? departs)
    {
        var added = await database.Write<JobAdded>(async sql =>
        {
            if (identity is not null && await SqlRequestIdentity.Find(sql, job.CallerId, identity) is { } earlier)
                return earlier;
            if (await SqlCredentials.End(sql, payer.Credential, Scope.Jobs, time.GetUtcNow()) is { } end)
                return new JobAdded.Refused(new SpendingRefusal.NoCredential(end));
            if (SpendingRules.Refuse(payer, await SqlLedger.Committed(sql, payer, job.CreatedAt), job.EstimatedCost) is { } refusal)
                return new JobAdded.Refused(refusal);

            if (job.PayerId != job.CallerId && !await SqlTicketStore.Spend(sql, job.CallerId, job.Id, time.GetUtcNow()))
                return new JobAdded.Refused(new SpendingRefusal.TicketSpent());

            var recorded = job with { Version = 1 };
            var departure = departs?.Invoke(recorded);
            var first = departure?.Job ?? recorded;
            await sql.Execute(
                "INSERT INTO jobs (id, caller_id, payer_id, status, created_at, look_at, version, document) VALUES (@id, @caller, @payer, @status, @created, "
                    + "@look, @version, @document)",
                ("@id", first.Id), ("@caller", first.CallerId), ("@payer", first.PayerId), ("@status", first.Status.Word),
                ("@created", Column.Of(first.CreatedAt)),
                ("@look", Column.Of(departure?.LookAt ?? first.CreatedAt.AddSeconds(10))), ("@version", first.Version), ("@document", JobDocument.Text(first)));
            await AddEvent(sql, first, first.CreatedAt);
            await SqlLedger.Add(sql, JobLedger.Hold(first));
            if (identity is not null)
                await SqlRequestIdentity.Add(sql, first, identity);
            return new JobAdded.New(first);
        });
        signals.Changed(job.Id);
        return added;
    }

    public Task<Job?> Find(JobId id, CancellationToken cancel) => database.Read(sql => Find(sql, id));

    public Task<JobAdded.Again?> FindSame(CallerId callerId, RequestIdentity identity, CancellationToken cancel) =>
        database.Read(sql => SqlRequestIdentity.Find(sql, callerId, identity));

    public Task Answered(JobId id) => database.Write(sql => SqlRequestIdentity.ForgetUnanswered(sql, id));

    public async Task Named(JobId id, DateTimeOffset at)
    {
        // Said with every poll, and mostly in vain.
        if (await database.Read(sql => SqlRequestIdentity.IsUnnamed(sql, id, at)))
            await database.Write(sql => SqlRequestIdentity.Named(sql, id, at));
    }

    public Task AwaitEnd(Job job, UnacknowledgedBody body) => database.Write(sql => SqlRequestIdentity.Await(sql, job, body, body.At));

    public Task Unanswered(JobId id, DateTimeOffset at, TimeSpan grace) => database.Write(sql => SqlRequestIdentity.Unanswered(sql, id, at, grace));

    public Task<JobChange?> Change(JobId id, Func<Job, Job?> move, DateTimeOffset? lookAt, Provided? provided) => Written(id, async sql =>
    {
        if (await Find(sql, id) is not { } before)
            return null;
        if (move(before) is { } moved && await IsSo(sql, provided, before, moved))
            return new JobChange(await Save(sql, before, moved, lookAt), Moved: true);
        if (lookAt is { } later && before.NeedsLooks)
            await sql.Execute("UPDATE jobs SET look_at = @look WHERE id = @id", ("@look", Column.Of(later)), ("@id", id));
        return new JobChange(before, Moved: false);
    });

    public Task<JobChange?> Change(JobId id, Func<Job, Job?> first, Func<Job, Job?> last) => Written(id, async sql =>
    {
        if (await Find(sql, id) is not { } before)
            return null;
        var job = before;
        foreach (var move in (Func<Job, Job?>[])[first, last])
            job = move(job) is { } moved ? await Save(sql, job, moved, null) : job;
        return new JobChange(job, Moved: !ReferenceEquals(job, before));
    });

    public Task<IReadOnlyList<Job>> List(CallerId callerId, JobStatus? status, int limit, KeysetCursor? before, CancellationToken cancel) =>
        database.Read(sql => JobPages.Of(sql, callerId, status, limit, before));

    public Task<IReadOnlyList<Job>> InAttention(int limit, KeysetCursor? before, CancellationToken cancel) =>
        database.Read(sql => JobPages.InAttention(sql, limit, before));

    public Task<IReadOnlyList<JobEvent>> Events(JobId id, long after, CancellationToken cancel) => database.Read(async sql =>
        (IReadOnlyList<JobEvent>)await sql.Query(
            "SELECT sequence, status, queue_position, at FROM job_events WHERE job_id = @id AND sequence > @after ORDER BY sequence",
            row => new JobEvent(row.GetInt64(0), JobStatuses.Parse(row.GetString(1)), row.LongOrNull(2), row.Time(3)),
            ("@id", id), ("@after", after)));

    public async Task<IReadOnlyList<Job>> TakeDue(DateTimeOffset now, Func<Job, DateTimeOffset> next, int limit, CancellationToken cancel)
    {
        // Most sweeps find nothing; only the others need the writer.
        if ((await database.Read(sql => Due(sql, now, 1))).Count == 0)
            return [];
        return await database.Write(async sql =>
        {
            var due = await Due(sql, now, limit);
            foreach (var job in due)
                await sql.Execute("UPDATE jobs SET look_at = @look WHERE id = @id", ("@look", Column.Of(next(job))), ("@id", job.Id));
            return due;
        });
    }

    public async Task<bool> Delete(JobId id)
    {
        var deleted = await database.Write(async sql =>
        {
            if (await Find(sql, id) is not { } job || await sql.Execute("DELETE FROM jobs WHERE id = @id AND look_at IS NULL", ("@id", id)) == 0)
                return false;
            if (job is { Attention: { } reason, RequestId: { } request }) // its caller may forget it, its operator has not seen it yet
                await SqlAttentionStore.Add(
                    sql, new AttentionNote(request, id, reason, job.Model, job.BilledUnits, job.Video?.Url, job.EndedAt ?? job.CreatedAt));
            else if (job is { EndIsDeclared: true, RequestId: { } closed })
                await SqlAttentionStore.Expect(sql, closed, job);
            await sql.Execute("DELETE FROM job_events WHERE job_id = @id", ("@id", id));
            await SqlRequestIdentity.ForgetDeleted(sql, id);
            return true;
        });
        signals.Changed(id);
        return deleted;
    }

    private async Task<JobChange?> Written(JobId id, Func<SqlSession, Task<JobChange?>> write)
    {
        var change = await database.Write(write);
        if (change is { Moved: true })
            signals.Changed(id);
        return change;
    }

    private static async Task<bool> IsSo(SqlSession sql, Provided? provided, Job before, Job moved) => provided switch
    {
        Provided.MayLeave leave => moved.HasEnded || await MayLeave(sql, leave.Payer, before, moved),
        Provided.FreeRequest => (await sql.Query(
            "SELECT 1 FROM jobs WHERE request_id = @request AND id <> @id UNION ALL SELECT 1 FROM ledger WHERE request_id = @request AND job_id <> @id",
            _ => true, ("@request", moved.RequestId), ("@id", moved.Id))).Count == 0,
        _ => true,
    };

    private static async Task<bool> MayLeave(SqlSession sql, Payer? payer, Job before, Job moved)
    {
        if (moved.CountsOn == before.CountsOn)
            return await SqlLedger.Frozen(sql) is null;
        return payer is not null && SpendingRules.RefuseToLeave(payer, await SqlLedger.Committed(sql, payer, moved.DispatchedAt!.Value),
            moved.EstimatedCost) is null;
    }

    private async Task<Job> Save(SqlSession sql, Job before, Job moved, DateTimeOffset? lookAt)
    {
        var ending = JobEnding.Consequences(before, moved);
        var after = ending.IsEvent ? moved with { Version = before.Version + 1 } : moved;
        await sql.Execute(
            """
            UPDATE jobs SET status = @status, attention = @attention, request_id = @request, version = @version, document = @document,
                            look_at = CASE WHEN @over = 1 THEN NULL ELSE COALESCE(@look, look_at) END
            WHERE id = @id
            """,
            ("@status", after.Status.Word), ("@attention", after.NeedsAttention ? 1L : 0L), ("@request", after.RequestId), ("@version", after.Version),
            ("@document", JobDocument.Text(after)), ("@over", after.NeedsLooks ? 0L : 1L), ("@look", Column.Of(lookAt)), ("@id", after.Id));

        await Carry(sql, after, ending);
        return after;
    }

    private async Task Carry(SqlSession sql, Job job, JobEnding ending)
    {
        if (ending.IsEvent)
            await AddEvent(sql, job, job.EndedAt ?? time.GetUtcNow());
        if (ending.HoldCountsOn is { } day)
            await SqlLedger.MoveHold(sql, job.Id, day);
        foreach (var entry in ending.Entries)
            await SqlLedger.Add(sql, entry);
        if (ending.FreesKey)
            await SqlRequestIdentity.Forget(sql, job.Id);
        if (ending.FreesTicket)
            await SqlTicketStore.GiveBack(sql, job.Id);
        if (ending.GraceFrom is { } ended)
            await SqlRequestIdentity.Ended(sql, job.Id, ended);
    }

    private static Task<int> AddEvent(SqlSession sql, Job job, DateTimeOffset at) => sql.Execute(
        "INSERT INTO job_events (job_id, sequence, status, queue_position, at) VALUES (@job, @sequence, @status, @position, @at)",
        ("@job", job.Id), ("@sequence", job.Version), ("@status", job.Status.Word), ("@position", job.QueuePosition), ("@at", Column.Of(at)));

    private static async Task<Job?> Find(SqlSession sql, JobId id) =>
        (await sql.Query("SELECT document FROM jobs WHERE id = @id", row => JobDocument.Parse(row.GetString(0)), ("@id", id))).FirstOrDefault();

    private static Task<List<Job>> Due(SqlSession sql, DateTimeOffset now, int limit) => sql.Query(
        "SELECT document FROM jobs WHERE look_at <= @now ORDER BY look_at LIMIT @limit",
        row => JobDocument.Parse(row.GetString(0)), ("@now", Column.Of(now)), ("@limit", (long)limit));
}
