using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;
using KlingProxy.Jobs.Reading;

namespace KlingProxy.Jobs.Canceling;

/// <summary><c>POST /v1/jobs/{id}/cancel</c>.</summary>
internal static class PostCancel
{
    public static async Task<IResult> Handle(
        JobId id, HttpRequest request, Caller caller, CancelJob cancelJob, JobResponses responses, CancellationToken cancel)
    {
        var (word, job) = await cancelJob.Ask(id, caller, cancel);
        return word switch
        {
            Cancellation.Unknown => JobProblems.NotFound.Because().Answer(),
            Cancellation.AlreadyEnded => JobProblems.AlreadyEnded.Because().Answer(),
            Cancellation.NotTaken => JobProblems.UpstreamUnavailable.Because(
                "fal did not take the cancellation yet; it is passed on again while the job goes on.").Answer(),
            _ => responses.Of(request, job!, StatusCodes.Status202Accepted),
        };
    }
}
