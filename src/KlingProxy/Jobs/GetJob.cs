using KlingProxy.Access;

namespace KlingProxy.Jobs;

internal static class GetJob
{
    public static async Task<IResult> Handle(
        string id, HttpRequest request, Caller caller, IJobStore store, AwaitJob awaitJob, JobFollower follower, JobAnswers answers, CancellationToken cancel)
    {
        if (await store.Find(id, cancel) is not { } job || !caller.MayRead(job.CallerId, job.PayerId))
            return JobProblems.NotFound.Because();

        follower.Glance(job);
        return answers.Of(request, await awaitJob.Ended(job, Preference.Wait(request), cancel));
    }
}
