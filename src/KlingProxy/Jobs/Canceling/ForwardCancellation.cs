using KlingProxy.Fal.Queue;
using KlingProxy.Jobs.Following;

namespace KlingProxy.Jobs.Canceling;

/// <summary>
/// Takes a caller's wish to fal. 1. First asks how far the job is: a run may be billed, and once it is canceled nobody can tell any more. 2. Then
/// cancels. 3. Writes down the answer: fal is not asked again, and one that speaks of a runner settles the question for a job that started in
/// between. A process that dies on the way leaves the wish pending, and the reconciler begins again.
/// </summary>
internal sealed partial class ForwardCancellation(
    IJobStore store, FalQueue fal, ObserveJob observe, ReconcileSchedule schedule, TimeProvider time, ILogger<ForwardCancellation> logger)
{
    /// <param name="job">One that fal has.</param>
    /// <returns>fal's word, and the job as it stands after it.</returns>
    public async Task<(FalCancellation Answer, Job Job)> Forward(Job job, CancellationToken cancel)
    {
        var requestId = job.RequestId!.Value;
        job = await observe.Observe(job, await fal.Status(job.Model, requestId, cancel), cancel);
        if (job.HasEnded)
            return (FalCancellation.AlreadyCompleted, job);

        var answer = await fal.Cancel(job.Model, requestId, cancel);
        LogAsked(job.Id, answer);
        var now = time.GetUtcNow();
        return job.CancelPassedOn(answer, now) is { } after
            ? (answer, (await store.Change(job.Id, before => before.CancelPassedOn(answer, now), schedule.Next(after, now)))?.Job ?? job)
            : (answer, job);
    }

    [LoggerMessage(1050, LogLevel.Information, "Asked fal to cancel job {JobId}: {Answer}")]
    private partial void LogAsked(string jobId, FalCancellation answer);
}
