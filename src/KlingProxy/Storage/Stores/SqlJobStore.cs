using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Spending;
using KlingProxy.Storage.Live;

namespace KlingProxy.Storage.Stores;

/// <summary>Jobs with their events, idempotency keys and ledger entries, which change together or not at all.</summary>
internal sealed class SqlJobStore(ISqlDatabase database, LiveState live, JobSignals signals, TimeProvider time) : IJobStore
{
    private readonly JobRows rows = new(live, time);

    public async Task<JobAdded> Add(
        Job job, RequestIdentity? identity, Payer payer, CancellationToken cancel, Func<Job, Departure?>? departs, OperatorAct? act)
    {
        var added = await database.Write<JobAdded>(async sql =>
        {
            if (identity is not null && await SqlRequestIdentity.Find(sql, job.CallerId, identity) is { } earlier)
                return earlier;
            var (end, key) = await SqlCredentials.Judge(sql, payer.Credential, Scope.Jobs, time.GetUtcNow());
            if (end is { } over)
                return new JobAdded.Refused(new SpendingRefusal.NoCredential(over));
            var payerNow = key is null ? payer : payer.Under(key.Limits);
            if (SpendingRules.Refuse(payerNow, await SqlLedger.Committed(sql, payerNow, job.CreatedAt), job.EstimatedCost) is { } refusal)
                return new JobAdded.Refused(refusal);

            var failed = job.RetryOf is { } of ? await JobRows.Find(sql, of) : null;
            if (job.RetryOf is not null && failed?.Retried(job.Id) is null)
                return new JobAdded.NothingToRetry();
            if (job.RetryOf is null && job.PayerId != job.CallerId && !await SqlTicketStore.Spend(sql, live, job.CallerId, job.Id, time.GetUtcNow()))
                return new JobAdded.Refused(new SpendingRefusal.TicketSpent());

            var recorded = job with { Version = 1 };
            var departure = departs?.Invoke(recorded);
            var first = departure?.Job ?? recorded;
            await rows.Insert(sql, first, departure?.LookAt ?? first.CreatedAt.AddSeconds(10));
            if (identity is not null)
                await SqlRequestIdentity.Add(sql, first, identity);
            if (failed?.Retried(job.Id) is { } retried)
                await rows.Save(sql, failed, retried, null);
            await SqlAuditStore.Add(sql, act);
            return new JobAdded.New(first);
        });
        signals.Changed(job.Id);
        if (added is JobAdded.New && job.RetryOf is { } before)
            signals.Changed(before);
        return added;
    }

    public async Task<Job?> Find(JobId id, CancellationToken cancel) =>
        (await live.Jobs.Find(id.Value, () => database.Read(sql => JobRows.Document(sql, id, document => new LiveJob(document)))))?.Job;

    public Task<Job?> FindNow(JobId id, CancellationToken cancel) => database.Read(sql => JobRows.Find(sql, id));

    public Task<JobAdded.Again?> FindSame(CallerId callerId, RequestIdentity identity, CancellationToken cancel) =>
        database.Read(sql => SqlRequestIdentity.Find(sql, callerId, identity));

    public Task Answered(JobId id) => WithName(id, sql => SqlRequestIdentity.ForgetUnanswered(sql, id));

    public async Task Named(JobId id, DateTimeOffset at)
    {
        // Said with every poll, and mostly in vain.
        var kept = live.Jobs.Kept(id.Value);
        if (kept is { IsNamed: true })
            return;
        if (await database.Read(sql => SqlRequestIdentity.IsUnnamed(sql, id, at)))
            await WithName(id, sql => SqlRequestIdentity.Named(sql, id, at));
        else
            kept?.IsNamed = true;
    }

    public Task AwaitEnd(Job job, UnacknowledgedBody body) => WithName(job.Id, sql => SqlRequestIdentity.Await(sql, job, body, body.At));

    public Task Unanswered(JobId id, DateTimeOffset at, TimeSpan grace) => WithName(id, sql => SqlRequestIdentity.Unanswered(sql, id, at, grace));

    public Task<JobChange?> Change(JobId id, Func<Job, Job?> move, DateTimeOffset? lookAt, Provided? provided, OperatorAct? act) => Written(id, async sql =>
    {
        if (await JobRows.Find(sql, id) is not { } before)
            return null;
        if (move(before) is { } moved && await IsSo(sql, provided, before, moved))
        {
            await SqlAuditStore.Add(sql, act);
            return new JobChange(await rows.Save(sql, before, moved, lookAt), Moved: true);
        }
        if (lookAt is { } later && before.NeedsLooks)
            await sql.Execute("UPDATE jobs SET look_at = @look WHERE id = @id", ("@look", Column.Of(later)), ("@id", id));
        return new JobChange(before, Moved: false);
    });

    public Task<JobChange?> Change(JobId id, Func<Job, Job?> first, Func<Job, Job?> last) => Written(id, async sql =>
    {
        if (await JobRows.Find(sql, id) is not { } before)
            return null;
        var job = await rows.Save(sql, before, first, last);
        return new JobChange(job, Moved: !ReferenceEquals(job, before));
    });

    public Task<JobStretch> List(JobQuery query, int limit, KeysetCursor? before, CancellationToken cancel) =>
        database.Read(sql => JobPages.Of(sql, query, limit, before));

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
            if (await JobRows.Find(sql, id) is not { } job || await sql.Execute("DELETE FROM jobs WHERE id = @id AND look_at IS NULL", ("@id", id)) == 0)
                return false;
            if (job is { Attention: { } reason, RequestId: { } request }) // its caller may forget it, its operator has not seen it yet
                await SqlAttentionStore.Add(
                    sql, new AttentionNote(request, id, reason, job.Model, job.BilledUnits, job.Video?.Url, job.EndedAt ?? job.CreatedAt));
            else if (job is { EndIsDeclared: true, RequestId: { } closed })
                await SqlAttentionStore.Expect(sql, closed, job);
            sql.Wrote(live.Jobs, id.Value);
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

    // Whether its name was used is remembered with the job.
    private Task<int> WithName(JobId id, Func<SqlSession, Task<int>> write) => database.Write(sql =>
    {
        sql.Wrote(live.Jobs, id.Value);
        return write(sql);
    });

    private static Task<List<Job>> Due(SqlSession sql, DateTimeOffset now, int limit) => sql.Query(
        "SELECT document FROM jobs WHERE look_at <= @now ORDER BY look_at LIMIT @limit",
        row => JobDocument.Parse(row.GetString(0)), ("@now", Column.Of(now)), ("@limit", (long)limit));
}
