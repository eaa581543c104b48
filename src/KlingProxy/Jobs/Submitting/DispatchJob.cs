using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Following;

using Polly;
using Polly.Retry;

namespace KlingProxy.Jobs.Submitting;

/// <summary>The one place that spends money: sends a recorded job to fal, once, and not after its start deadline, whatever kept it so long.</summary>
internal sealed partial class DispatchJob(
    IJobStore store, BeginSubmit beginSubmit, FalQueue fal, FalStanding standing, ForwardCancellation forwardCancellation, WebhookAddress webhooks,
    ReconcileSchedule schedule, TimeProvider time, ILogger<DispatchJob> logger)
{
    private readonly ConcurrentDictionary<Task, bool> running = new();

    // fal's answer exists nowhere else: a full disk or a lost database may not lose it, so it is written down again and again.
    private readonly ResiliencePipeline bookkeeping = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            Delay = TimeSpan.FromMilliseconds(200),
            MaxDelay = TimeSpan.FromSeconds(5),
        })
        .Build();

    private readonly ResiliencePipeline soon = new ResiliencePipelineBuilder { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 6, BackoffType = DelayBackoffType.Exponential, Delay = TimeSpan.FromMilliseconds(200) })
        .Build();

    /// <summary>Has a new job recorded together with that its submit begins, and sends it.</summary>
    /// <param name="record">In one transaction; asks within it for the job as it then leaves.</param>
    public async Task<JobAdded> RecordAndBegin(Func<Func<Job, Departure?>, Task<JobAdded>> record)
    {
        var (added, departure) = (default(JobAdded), default(Departure?));
        try
        {
            added = await record(recorded => departure = beginSubmit.AtOnce(recorded));
        }
        catch (Exception) when (departure is not null)
        {
            // A commit that breaks may stand all the same. Then the job is on disk as one whose submit began, and nobody but us knows that it did not.
            BeginAnew(departure.Job);
            throw;
        }
        if (added is JobAdded.New { Job: var job })
            Begin(job);
        return added;
    }

    private void Begin(Job job)
    {
        if (job.DispatchedAt is null)
            Begin(job.Id);
        else
            Run(() => Undisturbed(job, () => Send(job)));
    }

    /// <summary>Goes on when the caller has gone; <see cref="Drain"/> waits for it.</summary>
    public void Begin(JobId jobId) => Run(() => Dispatch(jobId));

    // Not where it has begun again meanwhile. Where the database does not answer for long it stays as it is: each create that breaks would wait here.
    private void BeginAnew(Job unsent) => Run(() => Undisturbed(unsent, async () =>
    {
        var now = time.GetUtcNow();
        await soon.ExecuteAsync(async _ =>
            await store.Change(unsent.Id, before => before.DispatchedAt == unsent.DispatchedAt ? before.Unsent(now) : null, now));
        await Dispatch(unsent.Id);
    }));

    private void Run(Func<Task> send)
    {
        var dispatch = Task.Run(send);
        running.TryAdd(dispatch, true);
        dispatch.ContinueWith(ended => running.TryRemove(ended, out _), TaskScheduler.Default);
    }

    /// <summary>Waits for what is being paid for.</summary>
    public Task Drain() => Task.WhenAll(running.Keys);

    public async Task Dispatch(JobId jobId)
    {
        try
        {
            if (await store.Find(jobId, CancellationToken.None) is { Status: JobStatus.Submitting, DispatchedAt: null } waiting)
                await Undisturbed(waiting, async () =>
                {
                    if (await beginSubmit.Begin(waiting) is { } job)
                        await Send(job);
                });
        }
        catch (Exception error)
        {
            LogBroken(jobId, error);
        }
    }

    private async Task Undisturbed(Job job, Func<Task> send)
    {
        using var scope = RequestScope.Begin(logger, job.CreatedBy, job.Id); // also where a sweep began it, long after
        try
        {
            await send();
        }
        catch (Exception error)
        {
            LogBroken(job.Id, error); // the reconciler finds it begun and long silent, and calls it unconfirmed
        }
    }

    private async Task Send(Job job) => await Record(
        job, await fal.Submit(job.Model, Encoding.UTF8.GetBytes(job.Input.GetRawText()), webhooks.For(job.Id), Terms(job), beginSubmit.LeaveBy(job)));

    private async Task Record(Job job, FalSubmission answer)
    {
        var now = time.GetUtcNow();
        switch (answer)
        {
            case FalSubmission.Queued queued:
                standing.Good();
                if (await Save(job, before => before.Accepted(queued.RequestId, queued.Position) ?? before.Disputed(queued.RequestId, now), queued.RequestId) is
                    { CancelRequestedAt: not null, HasEnded: false } unwanted)
                    await forwardCancellation.Forward(unwanted, CancellationToken.None); // asked for while the submit was in the air
                break;
            case FalSubmission.Rejected rejected:
                standing.Good();
                await Save(job, before => before.Refused(JobErrors.Of(rejected.Error), now));
                break;
            case FalSubmission.BalanceEmpty:
                standing.BalanceEmpty();
                LogBalanceEmpty();
                await Save(job, before => before.Refused(JobErrors.Balance, now));
                break;
            case FalSubmission.KeyRefused:
                standing.KeyRefused();
                LogKeyRefused();
                await Save(job, before => before.Refused(JobErrors.Auth, now));
                break;
            case FalSubmission.NotNow notNow:
                LogPostponed(job.Id, notNow.Reason);
                await Save(job, before => before.Unsent(now) is not { HasEnded: false } unsent ? before.Unsent(now)
                    : now >= schedule.StartBy(unsent) ? unsent.Overdue(JobErrors.Unavailable, now)
                    : unsent.HeldBack(WaitingFor.Fal, schedule.Next(unsent, now)));
                break;
            case FalSubmission.Unanswered:
                await Save(job, before => before.Unanswered());
                break;
            default:
                throw new UnreachableException();
        }
    }

    private FalTerms Terms(Job job) => new(job.Terms?.LowPriority ?? false, schedule.StartTimeout(job), job.Terms?.KeepFilesFor);

    /// <param name="job">As it was when the submit began: the answer to it moves no job whose submit began at another time.</param>
    private async Task<Job?> Save(Job job, Func<Job, Job?> move, FalRequestId? requestId = null)
    {
        var next = move(job) is { NeedsLooks: true } after ? schedule.Next(after, time.GetUtcNow()) : default(DateTimeOffset?);
        var change = await bookkeeping.ExecuteAsync(async _ =>
        {
            try
            {
                return await store.Change(job.Id, before => before.DispatchedAt == job.DispatchedAt ? move(before) : null, next);
            }
            catch (Exception error)
            {
                LogNotWritten(job.Id, requestId, error);
                throw;
            }
        });
        if (change is { Moved: true, Job: var saved })
        {
            LogSubmitted(saved.Id, saved.Status.Word, saved.RequestId);
            if (saved is { EndIsDisputed: true, RequestId: { } late })
                LogSurplus(job.Id, late);
            return saved;
        }
        if (requestId is not null && change?.Job.RequestId != requestId)
            LogSurplus(job.Id, requestId);
        return null;
    }

    [LoggerMessage(1001, LogLevel.Information, "Job {JobId} is {Status}, fal request {RequestId}")]
    private partial void LogSubmitted(string jobId, string status, string? requestId);

    [LoggerMessage(1006, LogLevel.Error, "fal's answer about job {JobId} (fal request {RequestId}) could not be written down; it is kept and tried again")]
    private partial void LogNotWritten(string jobId, string? requestId, Exception error);

    [LoggerMessage(1007, LogLevel.Error, "fal has request {RequestId} for job {JobId}, which does not stand for it any more: look whether it was billed")]
    private partial void LogSurplus(string jobId, string requestId);

    [LoggerMessage(1002, LogLevel.Warning, "Job {JobId} was not sent: {Reason}; it is tried again")]
    private partial void LogPostponed(string jobId, string reason);

    [LoggerMessage(1003, LogLevel.Error, "Job {JobId} could not be recorded after its submit began")]
    private partial void LogBroken(string jobId, Exception error);

    [LoggerMessage(1004, LogLevel.Error, "fal says that the account's balance is exhausted; submits pause")]
    private partial void LogBalanceEmpty();

    [LoggerMessage(1005, LogLevel.Error, "fal refused FAL_KEY; submits pause")]
    private partial void LogKeyRefused();
}
