using KlingProxy.Fal.Queue;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Jobs.Following;

/// <summary>
/// The one way in which a job that fal has comes to its end. Webhook, reconciler and watchers all call it, often at the same moment; twice is the same as
/// once, and of an end that is to be had fal is asked once: whoever comes second waits, and finds what the first has written down.
/// </summary>
internal sealed partial class CompleteJob(IJobStore store, FalQueue fal, ReconcileSchedule schedule, TimeProvider time, ILogger<CompleteJob> logger)
{
    private readonly JobTurns turns = new();

    /// <returns>The job as it stands after it; <c>null</c> when there is none.</returns>
    public async Task<Job?> Complete(JobId jobId, CancellationToken cancel) => (await Ask(jobId, cancel)).Job;

    /// <returns>The same, and whether fal, where it was asked, said anything.</returns>
    public async Task<(Job? Job, bool IsAnswered)> Ask(JobId jobId, CancellationToken cancel)
    {
        using var turn = await turns.Take(jobId, cancel);
        var job = await store.FindNow(jobId, cancel); // whoever is told that it is stored says so to fal, which then tells nobody again
        if (job is not { RequestId: { } requestId } || !(job.IsUpstream || job.EndIsDisputed))
            return (job, true);

        var result = await fal.Result(job.Model, requestId, cancel);
        var now = time.GetUtcNow();
        return (await Record(job, result, now), result is not FalResult.Unavailable);
    }

    private async Task<Job?> Record(Job job, FalResult result, DateTimeOffset now) => result switch
    {
        FalResult.Output output => await End(job, now, before => before.Completed(output.Video, output.BillableUnits, now)),
        FalResult.Refused { Error.Type: JobErrors.ClientCancelled } when job.CancelIsPending =>
            await Wait(job, "fal's answer to the cancellation, which says whether it ran, is not written down"),
        FalResult.Refused refused when JobErrors.Verdict(refused.Error) is var (verdict, error) =>
            await End(job, now, before => before.EndedWithout(verdict, error, JobErrors.BilledUnits(refused, before), now)),
        FalResult.Missing => await Wait(job, "fal does not know the request"),
        FalResult.Unavailable unavailable => await Wait(job, unavailable.Reason),
        _ => job, // still running: whoever said otherwise was early
    };

    // What was seen is stored the moment it is seen, whoever has gone meanwhile: fal forgets results after about an hour.
    private async Task<Job?> End(Job job, DateTimeOffset now, Func<Job, Job?> move)
    {
        var change = await store.Change(job.Id, before => before.Stopped(now), move);
        if (change is { Moved: true, Job: { HasEnded: true } ended })
        {
            LogEnded(ended.Id, ended.Status.Word, Money.Text(ended.Cost ?? 0), ended.CostIsEstimated ? "estimated" : "billed", ended.Error?.Code ?? "none");
            if (ended.BilledUnits is { } units)
                LogBilledMore(ended.Id, ended.RequestId, units, Money.Text(ended.Cost ?? 0));
        }
        return change?.Job;
    }

    // Not running, or it would have said so; how it ended is not to be had.
    private async Task<Job?> Wait(Job job, string reason)
    {
        LogWaiting(job.Id, reason);
        var now = time.GetUtcNow();
        return (await store.Change(job.Id, before => before.Stopped(now), schedule.Next(job.Stopped(now) ?? job, now)))?.Job;
    }

    [LoggerMessage(1020, LogLevel.Information, "Job {JobId} ended as {Status}, {Cost} USD {Basis}, error {Error}")]
    private partial void LogEnded(string jobId, string status, string cost, string basis, string error);

    [LoggerMessage(1022, LogLevel.Error, "fal says that it billed {Units} units for job {JobId} (fal request {RequestId}), which is not believed: it is "
        + "settled at {Cost} USD, and a person has to look")]
    private partial void LogBilledMore(string jobId, string? requestId, string units, string cost);

    [LoggerMessage(1021, LogLevel.Warning, "The result of job {JobId} is not to be had yet: {Reason}")]
    private partial void LogWaiting(string jobId, string reason);
}
