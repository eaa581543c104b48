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
        var isOperator = Caller.IsOperator(request.HttpContext.User);
        if (await (isOperator ? jobs.Any(id, cancel) : jobs.Find(id, caller, cancel)) is not { } job)
            return JobProblems.NotFound.Because().Answer();

        follower.KeepFollowing(job);
        var current = await awaitJob.Ended(job, PreferHeader.Wait(request), cancel);
        return isOperator ? responses.ForOperator(request, current) : responses.Of(request, current);
    }
}
