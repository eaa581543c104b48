using System.Text.Json.Nodes;

using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;

namespace KlingProxy.FalCompat.Queue;

/// <summary><c>queue.cancel</c>, in the words of docs/fal-contract.md §2.6. None of them is a verdict.</summary>
internal sealed class AnswerCancel(OwnRequests requests, CancelJob cancelJob)
{
    public async Task<IResult> Answer(CompatOperation.Cancel call, Caller caller, CancellationToken cancel)
    {
        if (await requests.Find(call.Request, caller, cancel) is not { } job)
            return OwnRequests.Missing();

        var (word, _) = await cancelJob.Ask(job.Id, caller, cancel);
        return word switch
        {
            Cancellation.Unknown => OwnRequests.Missing(),
            Cancellation.NotTaken => JobProblems.UpstreamUnavailable.Because("fal did not take the cancellation. Try again; the job goes on.").Answer(),
            Cancellation.AlreadyEnded => Say(400, "ALREADY_COMPLETED", "The request has already ended.", job),
            Cancellation.Dropped => new CompatResponse(200, new JsonObject { ["status"] = "OK" }, job.Id),
            _ => new CompatResponse(202, new JsonObject { ["status"] = "CANCELLATION_REQUESTED" }, job.Id),
        };
    }

    private static CompatResponse Say(int status, string word, string sentence, Job job)
    {
        var body = CompatResult.Sentence(sentence, sentence);
        body["status"] = word;
        return new CompatResponse(status, body, job.Id);
    }
}
