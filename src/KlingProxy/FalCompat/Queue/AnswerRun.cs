using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;

namespace KlingProxy.FalCompat.Queue;

/// <summary>
/// <c>fal.run</c>: fal would lose a video whose connection breaks, so this submits to the queue and waits. Whoever hangs up loses only the wait. The
/// end of the wait is told in a way on which no client sends the request again: a second one would be a second video.
/// </summary>
internal sealed class AnswerRun(AnswerSubmit submit)
{
    /// <summary>Most videos take five minutes; a connection that is held longer than this is held by nobody.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(30);

    public async Task<IResult> Answer(CompatOperation.Run call, HttpRequest request, Caller caller, CancellationToken cancel)
    {
        var submitted = await submit.Submit(call.Model.Id, request, caller, Heard.WhenEnded, MaxWait, cancel);
        if (!submitted.IsGranted)
            return submitted.Refusal.Answer();
        var job = submitted.Value.Job;
        return job.HasEnded ? CompatResult.OfRun(job) : StillRunning(job);
    }

    private static CompatResponse StillRunning(Job job)
    {
        var sentence = $"The video is still being made, and is not lost: request {job.Id} goes on. Ask for its status and result on the queue; do not send "
            + "the request again.";
        var body = CompatResult.Sentence(sentence, sentence);
        body["request_id"] = job.Id.Value;
        return new CompatResponse(StatusCodes.Status504GatewayTimeout, body, job.Id) { Headers = { [CompatResponse.TimeoutType] = "user" } };
    }
}
