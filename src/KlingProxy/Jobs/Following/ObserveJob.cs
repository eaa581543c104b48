using KlingProxy.Fal.Queue;

namespace KlingProxy.Jobs.Following;

/// <summary>Writes down what fal says about a running request; hands an ended one to <see cref="CompleteJob"/>.</summary>
internal sealed partial class ObserveJob(IJobStore store, CompleteJob complete, ReconcileSchedule schedule, TimeProvider time, ILogger<ObserveJob> logger)
{
    /// <returns>The job as it stands after it.</returns>
    public async Task<Job> Observe(Job job, FalStatus status, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        switch (status)
        {
            case FalStatus.Queued queued:
                return await Apply(job, status, before => ReconcileSchedule.IsRestless(before, now) ? null : before.Waiting(queued.Position));
            case FalStatus.Running:
                return await Apply(job, status, before => ReconcileSchedule.IsRestless(before, now) ? null : before.Running(now));
            case FalStatus.Ended:
                job = await Apply(job, status, before => before.Stopped(now));
                return await complete.Complete(job.Id, cancel) ?? job;
            case FalStatus.Missing: // perhaps for a moment only: the result call has the last word
                return await complete.Complete(job.Id, cancel) ?? job;
            case FalStatus.Unclear unclear:
                LogUnclear(job.Id, unclear.Reason);
                return job;
            default:
                return job;
        }
    }

    // Logs are stored with the move that they came with: fal forgets them with the result.
    private async Task<Job> Apply(Job job, FalStatus status, Func<Job, Job?> move)
    {
        Job? Moved(Job before)
        {
            var moved = move(before);
            return (moved ?? before).Logged(status.Logs) ?? moved;
        }
        return Moved(job) is { } after && await store.Change(job.Id, Moved, schedule.Next(after, time.GetUtcNow())) is { } change ? change.Job : job;
    }

    [LoggerMessage(1010, LogLevel.Warning, "fal's word on job {JobId} means nothing to us: {Reason}")]
    private partial void LogUnclear(string jobId, string reason);
}
