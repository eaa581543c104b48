using KlingProxy.Access.Credentials;
using KlingProxy.Jobs.Following;

namespace KlingProxy.FalCompat.Queue;

/// <summary><c>queue.status</c>. Costs fal nothing: every poll looks at our record, and keeps the one shared upstream follow of the job alive.</summary>
internal sealed class AnswerStatus(OwnRequests requests, JobFollower follower, CompatLinks links)
{
    public async Task<IResult> Answer(CompatOperation.Status call, HttpRequest request, Caller caller, CancellationToken cancel)
    {
        if (await requests.Find(call.Request, caller, cancel) is not { } job)
            return OwnRequests.Missing();

        follower.KeepFollowing(job);
        var body = links.AddTo(CompatStatusBody.Of(job, call.Logs), request, job);
        return new CompatResponse(job.HasEnded ? StatusCodes.Status200OK : StatusCodes.Status202Accepted, body, job.Id);
    }
}
