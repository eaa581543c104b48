using KlingProxy.Access.Credentials;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Following;

namespace KlingProxy.FalCompat.Queue;

/// <summary><c>queue.result</c>: the model's output, or how the job failed, as fal answers it.</summary>
internal sealed class AnswerResult(OwnRequests requests, OwnJobs jobs, JobFollower follower)
{
    public async Task<IResult> Answer(CompatOperation.Result call, Caller caller, CancellationToken cancel)
    {
        if (await requests.Find(call.Request, caller, cancel) is not { } known || await jobs.AsItStands(known, cancel) is not { } job)
            return OwnRequests.Missing();
        if (job.HasEnded)
            return CompatResult.Of(job);

        follower.KeepFollowing(job);
        const string NotYet = "Request is still in progress"; // clients compare this text
        return new CompatResponse(StatusCodes.Status400BadRequest, CompatResult.Sentence(NotYet, NotYet), job.Id);
    }
}
