using KlingProxy.Access.Credentials;
using KlingProxy.Jobs.Following;

namespace KlingProxy.FalCompat.Queue;

/// <summary><c>queue.result</c>: the model's output, or how the job failed, as fal answers it.</summary>
internal sealed class ShowResult(OwnRequests requests, JobFollower follower)
{
    public async Task<IResult> Handle(FalOperation.Result call, Caller caller, CancellationToken cancel)
    {
        if (await requests.Find(call.Request, caller, cancel) is not { } job)
            return OwnRequests.Missing();
        if (job.HasEnded)
            return FalVerdict.Of(job);

        follower.Glance(job);
        const string notYet = "Request is still in progress"; // clients compare this text
        return new FalAnswer(StatusCodes.Status400BadRequest, FalVerdict.Sentence(notYet, notYet), job.Id);
    }
}
