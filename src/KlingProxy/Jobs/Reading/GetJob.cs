using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Watching;

namespace KlingProxy.Jobs.Reading;

internal static class GetJob
{
    public static async Task<IResult> Handle(
        JobId id, HttpRequest request, Caller caller, OwnJobs jobs, AwaitJob awaitJob, JobFollower follower, JobResponses responses, CancellationToken cancel)
    {
        if (await jobs.Find(id, caller, cancel) is not { } job)
            return JobProblems.NotFound.Because().Answer();

        follower.KeepFollowing(job);
        return responses.Of(request, await awaitJob.Ended(job, PreferHeader.Wait(request), cancel));
    }
}
