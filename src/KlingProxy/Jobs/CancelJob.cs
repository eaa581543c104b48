using KlingProxy.Access;
using KlingProxy.Fal;

namespace KlingProxy.Jobs;

/// <summary>Asks for a job to be canceled. Only fal's result says whether it was.</summary>
internal static class CancelJob
{
    public static async Task<IResult> Handle(
        string id, HttpRequest request, Caller caller, IJobStore store, PassOnCancellation passOn, JobFollower follower,
        JobPace pace, JobAnswers answers, TimeProvider time, CancellationToken cancel)
    {
        if (await store.Find(id, cancel) is not { } job || !caller.MayRead(job.CallerId))
            return JobsModule.NotFound.Because();
        if (job.HasEnded)
            return JobsModule.AlreadyEnded.Because();

        var now = time.GetUtcNow();
        var lookAt = job.CancelRequested(now) is { CancelIsPending: true } pending ? pace.Next(pending, now) : default(DateTimeOffset?);
        var change = await store.Change(id, before => before.CanceledUnsent(now) ?? before.CancelRequested(now), lookAt);
        job = change?.Job ?? job;
        if (job.IsUpstream)
        {
            (var answer, job) = await passOn.Handle(job, cancel);
            if (answer == FalCancellation.Unavailable)
                return JobsModule.UpstreamUnavailable.Because("fal did not take the cancellation yet; it is passed on again while the job goes on.");
            follower.Glance(job);
        }
        return answers.Of(request, job, StatusCodes.Status202Accepted);
    }
}
