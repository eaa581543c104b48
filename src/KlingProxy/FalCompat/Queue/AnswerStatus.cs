using KlingProxy.Access.Credentials;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Reading;

namespace KlingProxy.FalCompat.Queue;

/// <summary><c>queue.status</c>. Costs fal nothing: every poll looks at our record, and keeps the one shared upstream follow of the job alive.</summary>
internal sealed class AnswerStatus(OwnRequests requests, JobFollower follower, CompatLinks links, JobEncodings encodings)
{
    public async Task<IResult> Answer(CompatOperation.Status call, HttpRequest request, Caller caller, CancellationToken cancel)
    {
        if (await requests.Find(call.Request, caller, cancel) is not { } job)
            return OwnRequests.Missing();

        follower.KeepFollowing(job);
        var body = encodings.Of(job, links.FormOf(request, call.Logs ? "status with logs" : "status"),
            () => CompatResponse.Utf8(links.AddTo(CompatStatusBody.Of(job, call.Logs), request, job)));
        request.HttpContext.Response.Headers[CompatResponse.RequestId] = job.Id.Value;
        return new JsonBytes(job.HasEnded ? StatusCodes.Status200OK : StatusCodes.Status202Accepted, body, CompatResponse.ContentType);
    }
}
