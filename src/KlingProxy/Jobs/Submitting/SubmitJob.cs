using System.Diagnostics;
using System.Text.Json;

using KlingProxy.Access.Credentials;
using KlingProxy.Fal.Calls;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs.Watching;
using KlingProxy.Models;
using KlingProxy.Models.Input;
using KlingProxy.Orders;
using KlingProxy.Spending;
using KlingProxy.Spending.Ledger;

using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// Asks for a video. 1. the same request seen before returns its job, whatever its input would be worth today; 2. check, at no cost; 3. in one transaction,
/// see whether the budgets allow it and record job, hold, identity and that its submit begins; 4. send it, once, whether or not the caller stays; 5. tell
/// what the job has become, so that a replay is told the same. What is sent to fal, and when, is the matter of <see cref="DispatchJob"/>.
/// Every door ends here; each answers the outcome in its own words.
/// </summary>
internal sealed partial class SubmitJob(
    VideoOrders orders, Payers payers, ILedger ledger, IJobStore store, DispatchJob dispatch, AwaitJob awaitJob,
    UnacknowledgedCreates unacknowledged, FalStanding standing, IOptions<JobOptions> options, TimeProvider time, IInlineImages inlineImages,
    ILogger<SubmitJob> logger)
{
    public async Task<Outcome<Submitted>> Submit(VideoWish wish, CancellationToken cancel)
    {
        var (caller, body) = (wish.Caller, wish.Body);
        RequestIdentity identity = wish.Key is { } key
            ? new IdempotencyKey(key, CanonicalJson.Fingerprint(body))
            : await unacknowledged.WaitForSameCreate(wish, cancel);
        if (await store.FindSame(caller.Id, identity, cancel) is { } known)
            return await Replay(wish, known, identity, cancel);

        var order = await orders.Read(body, caller, cancel);
        if (RefusalOf(order, caller) is { } refusal)
            return refusal;
        var payer = payers.Of(caller);
        // before images are stored; what counts is asked when the job is recorded
        if (order.Request.Images.Any(image => image.Kind == ImageKind.Inline)
            && SpendingRules.Refuse(payer, await ledger.Committed(payer, time.GetUtcNow(), cancel), order.Amount!.Value) is { } early)
            return SpendingProblems.Explain(early, order.Amount.Value, time.GetUtcNow());

        var (input, badImage) = await KeepInlineImages(caller, order, body, cancel);
        if (badImage is not null)
            return badImage;

        await ThrowIfGone(wish.Answer, identity, cancel); // whoever hung up may have asked again meanwhile
        var job = NewJob(wish, order, input);
        Expect(wish.Answer, job, identity); // before it is recorded, or the same request could be taken for its repetition
        wish.Answer.LeaveBody();
        switch (await dispatch.RecordAndBegin(departs => store.Add(job, identity, payer, cancel, departs)))
        {
            case JobAdded.New added:
                return new Submitted(await AsItStands(wish, added.Job, cancel), Replayed: false);
            case JobAdded.Again again:
                return await Replay(wish, again, identity, cancel);
            case JobAdded.Refused late:
                return SpendingProblems.Explain(late.Reason, job.EstimatedCost, job.CreatedAt);
            default:
                throw new UnreachableException();
        }
    }

    private static async Task ThrowIfGone(IPendingAnswer answer, RequestIdentity identity, CancellationToken cancel)
    {
        if (identity is UnacknowledgedBody { Answer: not null } && answer.CallerHasGone())
        {
            answer.Abort();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        }
        cancel.ThrowIfCancellationRequested();
    }

    private void Expect(IPendingAnswer answer, Job job, RequestIdentity identity)
    {
        if (identity is UnacknowledgedBody body)
            unacknowledged.Expect(answer, job, body);
    }

    private Refusal? RefusalOf(VideoOrder order, Caller caller) => order switch
    {
        { Violations: { Count: > 0 } broken } => (order.Model is null ? ModelProblems.UnknownModel : ModelProblems.InvalidInput).Because(errors: broken),
        { MaxCost: { } max, Amount: { } amount } when amount > max =>
            SpendingProblems.TooDear($"It would cost {Money.Text(amount)} USD; max_cost is {Money.Text(max)}.", amount, max),
        { Amount: { } amount } when amount > caller.MaxCostPerJob =>
            SpendingProblems.TooDear($"It would cost {Money.Text(amount)} USD; the ticket allows {Money.Text(caller.MaxCostPerJob.Value)}.", amount,
                caller.MaxCostPerJob.Value),
        _ => JobProblems.RefusalWhile(standing.Current?.Code),
    };

    private async Task<(VideoRequest Input, Refusal? Refusal)> KeepInlineImages(Caller caller, VideoOrder order, JsonBody body, CancellationToken cancel)
    {
        var wanted = order.Request;
        foreach (var image in wanted.Images.Where(image => image.Kind == ImageKind.Inline))
        {
            var kept = await inlineImages.Keep(caller, body.DataUris[image.Url], order.Model!.Schema.Images, $"/input/{image.Field}", cancel);
            if (!kept.IsGranted)
                return (wanted, kept.Refusal);
            wanted = wanted.WithUpload(image, kept.Value);
        }
        return (wanted, null);
    }

    private Job NewJob(VideoWish wish, VideoOrder order, VideoRequest request)
    {
        using var input = JsonDocument.Parse(request.Input!);
        return new Job
        {
            Id = JobId.New(),
            CallerId = wish.Caller.Id,
            PayerId = wish.Caller.PayerId,
            Model = order.Model!.Id,
            Input = input.RootElement.Clone(),
            Metadata = order.Metadata,
            Seconds = request.Seconds!.Value,
            UnitPrice = order.UnitPrice!.Value,
            EstimatedCost = order.Amount!.Value,
            Terms = wish.Terms,
            CreatedBy = wish.Answer.RequestId,
            CreatedAt = time.GetUtcNow(),
        };
    }

    private async Task<Outcome<Submitted>> Replay(VideoWish wish, JobAdded.Again known, RequestIdentity identity, CancellationToken cancel)
    {
        if (!known.SameBody)
            return JobProblems.IdempotencyKeyReused.Because();
        if (known.Job is not { } job)
            return JobProblems.Deleted.Because(identity is UnacknowledgedBody
                ? "The same run ended a moment ago, and its job was deleted. Send it again later, or with an Idempotency-Key of its own, if it shall be made "
                    + "once more."
                : null);

        wish.Answer.LeaveBody();
        Expect(wish.Answer, job, identity);
        if (identity is UnacknowledgedBody body)
            await unacknowledged.Join(job, body);
        return new Submitted(await AsItStands(wish, job, cancel), Replayed: true);
    }

    // fal may take long to answer: whoever holds as many calls open as they may is told at once that the job is being submitted.
    private async Task<Job> AsItStands(VideoWish wish, Job job, CancellationToken cancel)
    {
        var forAnswer = wish.Answer.MayWait() ? options.Value.SubmitWait : TimeSpan.Zero;
        job = await WithoutFailing(job, known => awaitJob.Dispatched(known, forAnswer, cancel), cancel);
        return await WithoutFailing(job, known => awaitJob.Ended(known, wish.Wait, cancel), cancel);
    }

    // From here on money may move: whatever breaks, the caller gets the job, never a refusal that asks to be tried again.
    private async Task<Job> WithoutFailing(Job job, Func<Job, Task<Job>> watch, CancellationToken cancel)
    {
        try
        {
            return await watch(job);
        }
        catch (Exception error) when (!cancel.IsCancellationRequested)
        {
            LogUnwatched(job.Id, error);
            return job;
        }
    }

    [LoggerMessage(1000, LogLevel.Error, "Job {JobId} is recorded, but could not be watched; its caller is told that it is being submitted")]
    private partial void LogUnwatched(string jobId, Exception error);
}

/// <summary>
/// The job that a wish for a video has led to. It is recorded, but fal may have refused it: <see cref="JobProblems.RefusalOf"/> tells.
/// </summary>
/// <param name="Replayed">An earlier request made it.</param>
internal sealed record Submitted(Job Job, bool Replayed);
