using KlingProxy.Jobs.Following;
using KlingProxy.Spending;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// Marks on disk that a job's submit begins, before its first byte leaves: by its start deadline, within the budgets of the day, and unless spending is frozen.
/// </summary>
internal sealed partial class BeginSubmit(
    IJobStore store, Payers payers, ILedger ledger, ReconcileSchedule schedule, TimeProvider time, ILogger<BeginSubmit> logger)
{
    /// <summary>For the transaction that records a job, and has asked its budgets: its submit begins with it.</summary>
    public Departure? AtOnce(Job job)
    {
        var now = time.GetUtcNow();
        var mayLeave = now < schedule.StartBy(job) && Day(now) == job.CountsOn;
        return mayLeave && job.Dispatched(now) is { } sent ? new Departure(sent, now + schedule.SubmitLease) : null;
    }

    /// <summary>
    /// Of a job that was recorded before. Whoever finds it begun leaves it alone. What the clock says, it says within the transaction, however long that
    /// waited.
    /// </summary>
    /// <returns>The job to send; <c>null</c> where it may not leave now, or has ended.</returns>
    public async Task<Job?> Begin(Job waiting)
    {
        var late = time.GetUtcNow() < schedule.StartBy(waiting) ? null : await WhyLate(waiting);
        var leave = new Provided.MayLeave(waiting.CountsOn == Day(time.GetUtcNow()) ? null : await payers.Of(waiting.PayerId, CancellationToken.None));
        var change = await store.Change(
            waiting.Id,
            job => time.GetUtcNow() is var now && now < schedule.StartBy(job) ? job.Dispatched(now) : late is null ? null : job.Overdue(late, now),
            time.GetUtcNow() + schedule.SubmitLease, leave);
        switch (change)
        {
            case { Moved: true, Job.HasEnded: false }:
                return change.Job;
            case { Moved: true }:
                LogLate(waiting.Id, change.Job.Error!.Code);
                return null;
            case { Job: { Status: JobStatus.Submitting, DispatchedAt: null } job } when late is null && time.GetUtcNow() >= schedule.StartBy(job):
                return await Begin(job); // its deadline passed meanwhile, and nobody has asked yet why it waited so long
            // frozen, or today's budgets do not allow it: it may leave later, until its start deadline
            case { Job: { Status: JobStatus.Submitting, DispatchedAt: null } job }:
                LogHeldBack(job.Id);
                var (reason, until) = (await ledger.Frozen(CancellationToken.None) is null ? WaitingFor.Budget : WaitingFor.Freeze,
                    schedule.WhileFrozen(time.GetUtcNow()));
                await store.Change(job.Id, before => before.HeldBack(reason, until), until);
                return null;
            default:
                return null;
        }
    }

    /// <returns>Neither after its start deadline, nor on another day than the one whose budget it was spoken for in.</returns>
    public DateTimeOffset LeaveBy(Job job)
    {
        var midnight = new DateTimeOffset(job.CountsOn.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
        return schedule.StartBy(job) is var deadline && deadline < midnight ? deadline : midnight;
    }

    private async Task<JobError> WhyLate(Job job) =>
        await ledger.Frozen(CancellationToken.None) is not null ? JobErrors.Frozen
        : job.UnsentAttempts > 0 ? JobErrors.Unavailable : JobErrors.Late;

    private static DateOnly Day(DateTimeOffset now) => DateOnly.FromDateTime(now.UtcDateTime);

    [LoggerMessage(1008, LogLevel.Warning, "Job {JobId} was not sent until its start deadline, and is not sent any more: {Reason}")]
    private partial void LogLate(string jobId, string reason);

    [LoggerMessage(1009, LogLevel.Information,
        "Job {JobId} is held back: spending is frozen, or the budgets of the day on which it would be sent do not allow it")]
    private partial void LogHeldBack(string jobId);
}
