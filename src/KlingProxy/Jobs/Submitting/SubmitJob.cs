using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Fal.Calls;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Reading;
using KlingProxy.Models;
using KlingProxy.Models.Input;
using KlingProxy.Orders;
using KlingProxy.Spending;
using KlingProxy.Spending.Ledger;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// Asks for a video. 1. read and check, at no cost; 2. the same request seen before returns its job; 3. in one transaction, see whether the
/// budgets allow it and record job, hold and identity; 4. dispatch, once, whether or not the caller stays; 5. tell what the job has become, so
/// that a replay is told the same.
/// Every door ends here; each answers the outcome in its own words.
/// </summary>
internal sealed partial class SubmitJob(
    VideoOrders orders, Payers payers, ILedger ledger, IJobStore store, DispatchJob dispatch, AwaitJob awaitJob, UnacknowledgedCreates answers, StreamPlaces streams, FalStanding standing,
    IOptions<JobOptions> options, TimeProvider time, IEnumerable<IInlineImages> inlineImages, ILogger<SubmitJob> logger)
{
    public static async Task<IResult> Handle(HttpRequest request, Caller caller, VideoOrders orders, SubmitJob submit, AwaitJob awaitJob, JobResponses answers, CancellationToken cancel)
    {
        var body = await orders.ReadBody(request, cancel);
        if (body.Refusal is { } unreadable)
            return unreadable;
        var submitted = await submit.Submit(request, body, null, caller, cancel);
        return submitted.IsAccepted
            ? answers.Created(request, await submit.WithoutFailing(submitted.Job, job => awaitJob.Ended(job, PreferHeader.Wait(request), cancel), cancel), submitted.Replayed)
            : submitted.Refusal;
    }

    /// <param name="request">Its headers may hold an idempotency key.</param>
    /// <param name="body">As <c>POST /v1/jobs</c> takes it.</param>
    /// <param name="terms">How fal is to treat the job; no part of what makes two requests the same.</param>
    /// <param name="repeats">For a client that repeats by itself what it did not hear, and sends no key.</param>
    public async Task<Submitted> Submit(HttpRequest request, JsonBody body, JobTerms? terms, Caller caller, CancellationToken cancel, Repeats? repeats = null)
    {
        if (!IdempotencyKeyHeader.TryRead(request, body, out var key))
            return new(JobProblems.InvalidIdempotencyKey.Because("Idempotency-Key must be 1 to 255 visible ASCII characters, sent once."));
        RequestIdentity identity = key is not null ? key : await answers.WaitForSameCreate(request.HttpContext, caller.Id, body, repeats, cancel);
        if (await store.FindSame(caller.Id, identity, cancel) is { } known)
            return await Replay(request, known, identity, cancel);

        var order = await orders.Read(body, caller, cancel);
        if (Refusal(order, caller) is { } refusal)
            return new(refusal);
        var payer = payers.Of(caller);
        if (SpendingRules.Refuse(payer, await ledger.Committed(payer, time.GetUtcNow(), cancel), order.Amount!.Value) is { } early) // before images are stored; what counts is asked again below
            return new(SpendingProblems.Explain(early, order.Amount.Value, time.GetUtcNow(), request.HttpContext));

        var (input, badImage) = await KeepInlineImages(request, caller, order.Request!, body, cancel);
        if (badImage is not null)
            return new(badImage);

        await ThrowIfGone(request.HttpContext, identity, cancel); // whoever hung up may have asked again meanwhile
        var job = NewJob(caller, order, input, terms) with { CreatedBy = request.HttpContext.TraceIdentifier };
        Expect(request, job, identity); // before it is recorded, or the same request could be taken for its repetition
        JsonBody.Leave(request.HttpContext);
        switch (await store.Add(job, identity, payer, cancel))
        {
            case JobAdded.New added:
                dispatch.Begin(added.Job.Id);
                return new(await Dispatched(request, added.Job, cancel), replayed: false);
            case JobAdded.Again again:
                return await Replay(request, again, identity, cancel);
            case JobAdded.Refused late:
                return new(SpendingProblems.Explain(late.Reason, job.EstimatedCost, job.CreatedAt, request.HttpContext));
            default:
                throw new UnreachableException();
        }
    }

    private static async Task ThrowIfGone(HttpContext context, RequestIdentity identity, CancellationToken cancel)
    {
        if (identity is UnacknowledgedBody { Answer: { } answer } && answer.Delivery.CallerHasGone())
        {
            context.Abort();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        }
        cancel.ThrowIfCancellationRequested();
    }

    private void Expect(HttpRequest request, Job job, RequestIdentity identity)
    {
        if (identity is UnacknowledgedBody body)
            answers.Expect(request.HttpContext, job, body);
    }

    private ProblemHttpResult? Refusal(VideoOrder order, Caller caller) => order switch
    {
        { Violations: { Count: > 0 } broken } => (order.Model is null ? ModelProblems.UnknownModel : ModelProblems.InvalidInput).Because(errors: broken),
        { MaxCost: { } max, Amount: { } amount } when amount > max =>
            SpendingProblems.TooDear($"It would cost {Money.Text(amount)} USD; max_cost is {Money.Text(max)}.", amount, max),
        { Amount: { } amount } when amount > caller.MaxCostPerJob =>
            SpendingProblems.TooDear($"It would cost {Money.Text(amount)} USD; the ticket allows {Money.Text(caller.MaxCostPerJob.Value)}.", amount, caller.MaxCostPerJob.Value),
        _ => standing.Current?.Code switch
        {
            "upstream-balance" => JobProblems.UpstreamBalance.Because(),
            "upstream-auth" => JobProblems.UpstreamAuth.Because(),
            _ => null,
        },
    };

    private async Task<(VideoRequest Input, ProblemHttpResult? Refusal)> KeepInlineImages(
        HttpRequest request, Caller caller, VideoRequest wanted, JsonBody body, CancellationToken cancel)
    {
        foreach (var image in wanted.Images.Where(image => image.Kind == ImageKind.Inline))
        {
            if (inlineImages.FirstOrDefault() is not { } keeper)
                return (wanted, ModelProblems.InvalidInput.Because("Data URIs are not accepted here."));
            var kept = await keeper.Keep(caller, body.DataUris[image.Url], $"/input/{image.Field}", cancel);
            if (kept.RetryAfter is { } wait)
                request.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
            if (!kept.IsKept)
                return (wanted, kept.Refusal);
            wanted = wanted.WithUpload(image, kept.Url);
        }
        return (wanted, null);
    }

    private Job NewJob(Caller caller, VideoOrder order, VideoRequest request, JobTerms? terms)
    {
        using var input = JsonDocument.Parse(request.Input);
        return new Job
        {
            Id = Job.NewId(),
            CallerId = caller.Id,
            PayerId = caller.PayerId,
            Model = order.Model!.Id,
            Input = input.RootElement.Clone(),
            Metadata = order.Metadata,
            Seconds = request.Seconds,
            UnitPrice = order.UnitPrice!.Value,
            EstimatedCost = order.Amount!.Value,
            Terms = terms,
            CreatedAt = time.GetUtcNow(),
        };
    }

    private async Task<Submitted> Replay(HttpRequest request, JobAdded.Again known, RequestIdentity identity, CancellationToken cancel)
    {
        if (!known.SameBody)
            return new(JobProblems.IdempotencyKeyReused.Because());
        if (known.Job is not { } job)
            return new(identity is UnacknowledgedBody
                ? JobProblems.Deleted.Because("The same run ended a moment ago, and its job was deleted. Send it again later, or with an Idempotency-Key of its own, if it shall be made once more.")
                : JobProblems.Deleted.Because());

        JsonBody.Leave(request.HttpContext);
        Expect(request, job, identity);
        if (identity is UnacknowledgedBody body)
            await answers.Join(job, body);
        return new(await Dispatched(request, job, cancel), replayed: true);
    }

    // fal may take long to answer: whoever holds as many calls open as they may is told at once that the job is being submitted.
    private Task<Job> Dispatched(HttpRequest request, Job job, CancellationToken cancel) =>
        WithoutFailing(job, known => awaitJob.Dispatched(known, streams.MayWait(request.HttpContext) ? options.Value.SubmitWait : TimeSpan.Zero, cancel), cancel);

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
