using System.Text.Json;

using KlingProxy.Access;
using KlingProxy.Budget;
using KlingProxy.Catalog;
using KlingProxy.Fal;
using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs;

/// <summary>
/// Asks for a video. 1. read and check, at no cost; 2. an idempotency key seen before returns its job; 3. record job, hold and key in one
/// transaction; 4. dispatch, once, whether or not the caller stays; 5. answer by what the job has become, so that a replay answers the same.
/// </summary>
internal sealed class SubmitJob(
    VideoOrders orders, IJobStore store, DispatchJob dispatch, AwaitJob awaitJob, FalStanding standing, JobAnswers answers,
    IOptions<JobOptions> options, TimeProvider time, IEnumerable<IInlineImages> inlineImages)
{
    public static Task<IResult> Handle(HttpRequest request, Caller caller, SubmitJob submit, CancellationToken cancel) => submit.Handle(request, caller, cancel);

    private async Task<IResult> Handle(HttpRequest request, Caller caller, CancellationToken cancel)
    {
        var body = await JsonBody.Read(request, VideoOrders.BodyLimit, cancel);
        if (body.Refusal is { } unreadable)
            return unreadable;
        if (!IdempotencyHeader.TryRead(request, body.Content, out var key))
            return JobsModule.InvalidIdempotencyKey.Because("Idempotency-Key must be 1 to 255 visible ASCII characters, sent once.");
        if (key is not null && await store.FindByKey(caller.Id, key, cancel) is { } known)
            return await Answer(request, known, cancel);

        var order = await orders.Read(body.Content, caller, cancel);
        if (Refusal(order) is { } refusal)
            return refusal;

        var (input, badImage) = await KeepInlineImages(caller, order.Request!, cancel);
        if (badImage is not null)
            return badImage;

        var added = await store.Add(NewJob(caller, order, input), key, cancel);
        if (!added.Replayed)
            dispatch.Begin(added.Job.Id);
        return await Answer(request, added, cancel);
    }

    private ProblemHttpResult? Refusal(VideoOrder order) => order switch
    {
        { Violations: { Count: > 0 } broken } => (order.Model is null ? CatalogModule.UnknownModel : CatalogModule.InvalidInput).Because(errors: broken),
        { MaxCost: { } most, Amount: { } amount } when amount > most =>
            BudgetModule.MaxCostExceeded.Because($"It would cost {Price.Text(amount)} USD; max_cost is {Price.Text(most)}."),
        _ => standing.Current?.Code switch
        {
            "upstream-balance" => JobsModule.UpstreamBalance.Because(),
            "upstream-auth" => JobsModule.UpstreamAuth.Because(),
            _ => null,
        },
    };

    private async Task<(VideoRequest Input, ProblemHttpResult? Refusal)> KeepInlineImages(Caller caller, VideoRequest wanted, CancellationToken cancel)
    {
        foreach (var image in wanted.Images.Where(image => image.Kind == ImageKind.Inline))
        {
            if (inlineImages.FirstOrDefault() is not { } keeper)
                return (wanted, CatalogModule.InvalidInput.Because("Data URIs are not accepted here."));
            var kept = await keeper.Keep(caller, image.Url, $"/input/{image.Field}", cancel);
            if (!kept.IsKept)
                return (wanted, kept.Refusal);
            wanted = wanted.WithUpload(image, kept.Url);
        }
        return (wanted, null);
    }

    private Job NewJob(Caller caller, VideoOrder order, VideoRequest request)
    {
        using var input = JsonDocument.Parse(request.Input);
        return new Job
        {
            Id = Job.NewId(),
            CallerId = caller.Id,
            Model = order.Model!.Id,
            Input = input.RootElement.Clone(),
            Metadata = order.Metadata,
            Seconds = request.Seconds,
            UnitPrice = order.UnitPrice!.Value,
            EstimatedCost = order.Amount!.Value,
            CreatedAt = time.GetUtcNow(),
        };
    }

    private async Task<IResult> Answer(HttpRequest request, JobAdded added, CancellationToken cancel)
    {
        if (!added.SameBody)
            return JobsModule.IdempotencyKeyReused.Because();

        var job = await awaitJob.Dispatched(added.Job, options.Value.SubmitWait, cancel);
        job = await awaitJob.Ended(job, Preference.Wait(request), cancel);
        return answers.Created(request, job, added.Replayed);
    }
}
