using KlingProxy.Access;
using KlingProxy.Fal;

namespace KlingProxy.Jobs;

/// <summary>Asks for a job to be canceled. Only fal's result says whether it was.</summary>
internal static partial class CancelJob
{
    public static async Task<IResult> Handle(
        string id, HttpRequest request, Caller caller, IJobStore store, FalQueue fal, JobFollower follower, JobAnswers answers,
        TimeProvider time, ILogger<Job> logger, CancellationToken cancel)
    {
        if (await store.Find(id, cancel) is not { } job || !caller.MayRead(job.CallerId))
            return JobsModule.NotFound.Because();
        if (job.HasEnded)
            return JobsModule.AlreadyEnded.Because();

        var now = time.GetUtcNow();
        var change = await store.Change(id, before => before.CanceledUnsent(now) ?? before.CancelRequested(now));
        job = change?.Job ?? job;
        if (job is { IsUpstream: true, RequestId: { } requestId })
        {
            var answer = await fal.Cancel(job.Model, requestId, cancel);
            LogAsked(logger, job.Id, answer);
            if (answer == FalCancellation.Unavailable)
                return JobsModule.UpstreamUnavailable.Because("fal did not take the cancellation. Try again; the job goes on.");
            if (answer == FalCancellation.Requested) // it runs, whether or not we had seen that: a run may be billed
                job = (await store.Change(id, before => before.Running(now)))?.Job ?? job;
            follower.Glance(job);
        }
        return answers.Of(request, job, StatusCodes.Status202Accepted);
    }

    [LoggerMessage(1050, LogLevel.Information, "Asked fal to cancel job {JobId}: {Answer}")]
    private static partial void LogAsked(ILogger logger, string jobId, FalCancellation answer);
}
