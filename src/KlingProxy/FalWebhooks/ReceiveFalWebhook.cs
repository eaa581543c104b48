
using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Secrets;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.FalWebhooks;

/// <summary>
/// fal says that a job ended. 1. The URL must carry the job's MAC, and not come too often, or nobody reads on. 2. The signature must be fal's
/// and fresh. 3. The account must be ours, and header, body and job must name the same request. 4. The end is fetched with our own key and
/// stored. 5. Then 200. Twice is the same as once. What is proven and belongs to no job of ours is money, too: it is kept for a person.
/// </summary>
internal sealed partial class ReceiveFalWebhook(
    IJobStore store, WebhookAddress address, DeliveryLimit limit, FalSignature signature, FalAccount account, FalQueue fal, CompleteJob complete,
    NoteDelivery note, Redaction redaction, TimeProvider time, ILogger<ReceiveFalWebhook> logger)
{
    public static Task<IResult> Handle(string job, string token, HttpRequest request, ReceiveFalWebhook receive, CancellationToken cancel) =>
        receive.Receive(new JobId(job), token, request, cancel);

    private async Task<IResult> Receive(JobId jobId, string token, HttpRequest request, CancellationToken cancel)
    {
        if (!address.Proves(jobId, token))
            return Refuse("not the address of a job", HttpProblems.NotFound);
        if (!limit.Admits(jobId, out var retryAfter))
            return Refuse("too many", WebhookProblems.TooMany, retryAfter);
        if (await BoundedBody.Read(request, DeliveryBody.Limit, cancel) is not { } body)
            return Refuse("too large", BodyProblems.TooLarge);

        var delivery = SignedDelivery.Of(request, body);
        var verdict = await signature.Check(delivery, cancel);
        if (verdict != SignatureVerdict.Genuine)
            return Refuse(verdict.ToString(), verdict == SignatureVerdict.Unverifiable ? WebhookProblems.KeysUnavailable : WebhookProblems.NotGenuine);
        if (redaction.Holds($"{delivery.UserId} {delivery.RequestId}")) // both are kept
            return Refuse("names a secret of ours", WebhookProblems.NotGenuine);
        if (!await account.MayBeOurs(delivery.UserId!, cancel))
            return Refuse("another account's", WebhookProblems.NotGenuine);
        if (DeliveryBody.RequestId(body.Span) is not { } named || named != delivery.RequestId || !FalReading.IsRequestId(named))
            return Refuse("header and body disagree", WebhookProblems.NotGenuine);
        var requestId = new FalRequestId(named);

        if (await Bind(jobId, requestId, cancel) is not { } job)
            return Noted(await note.Note(jobId, requestId, AttentionReason.UnknownJob, null, cancel));
        if (job.RequestId is { } other && other != requestId && await IsAtFal(job, requestId, cancel))
            return Noted(await note.Note(jobId, requestId, AttentionReason.SecondRequest, job.Model, cancel));
        if (job.RequestId != requestId)
            return Refuse("about another request", WebhookProblems.NotGenuine);

        var ended = await complete.Complete(job.Id, cancel) ?? job; // stored before it is answered, also that it ended and the result is not to be had yet
        LogReceived(jobId, ended.Status.Word);
        if (ended.HasEnded)
            await account.Learn(delivery.UserId!, cancel);
        return TypedResults.Ok();
    }

    // A delivery may come before the submit's answer, or instead of it, or after all hope of it. Only what fal, asked with our key, knows is bound.
    private async Task<Job?> Bind(JobId jobId, FalRequestId requestId, CancellationToken cancel)
    {
        var (job, now) = (await store.FindNow(jobId, cancel), time.GetUtcNow());
        if (job is null || (job.Accepted(requestId, null) ?? job.Disputed(requestId, now)) is null || !await IsAtFal(job, requestId, cancel))
            return job;
        var change = await store.Change(
            jobId, before => before.Accepted(requestId, null) ?? before.Disputed(requestId, now), job.HasEnded ? now : null, Provided.RequestIsFree);
        if (change is { Moved: true, Job.EndIsDisputed: true })
            LogDisputed(jobId, requestId);
        return change?.Job;
    }

    private async Task<bool> IsAtFal(Job job, FalRequestId requestId, CancellationToken cancel) =>
        await fal.Status(job.Model, requestId, cancel) is not (FalStatus.Missing or FalStatus.Unclear);

    private IResult Noted(bool isAll) => isAll ? TypedResults.Ok() : Refuse("what it is about is not to be had yet", WebhookProblems.NotYet);

    private ProblemHttpResult Refuse(string reason, Problem problem, TimeSpan? retryAfter = null)
    {
        LogRefused(reason);
        return (problem.Because() with { RetryAfter = retryAfter }).Answer();
    }

    [LoggerMessage(2001, LogLevel.Warning, "Refused a delivery: {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(2003, LogLevel.Error, "fal delivers request {RequestId} for job {JobId}, which had ended here without it; it is corrected, and a person "
        + "has to look")]
    private partial void LogDisputed(string jobId, string requestId);

    [LoggerMessage(2002, LogLevel.Information, "A delivery about job {JobId} was confirmed; it is {Status}")]
    private partial void LogReceived(string jobId, string status);
}
