using KlingProxy.Access;
using KlingProxy.Fal;
using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs;

/// <summary>A person's decision about a job. Exactly one of the two.</summary>
/// <param name="RequestId">fal's request for it, as found at fal: the job goes on with that.</param>
/// <param name="Cost">USD that fal billed for it, <c>"0"</c> for nothing: the job ends as failed, at that cost.</param>
internal sealed record ResolveRequest(string? RequestId = null, [property: Usd] string? Cost = null);

/// <summary>Decides what nothing automatic can: that a lost submit is this request of fal's, or that the job is over and cost so much.</summary>
internal sealed class ResolveJob(IJobStore store, FalQueue fal, JobPace pace, TimeProvider time, AuditTrail audit)
{
    private const int LongestRequestId = 128;

    public static async Task<Results<Ok<OperatorJobView>, ProblemHttpResult>> Handle(string id, HttpRequest request, Caller caller, ResolveJob resolve, CancellationToken cancel)
    {
        var (body, unreadable) = await BodyFields.Read(request, cancel);
        if (unreadable is not null)
            return unreadable;
        var (requestId, cost) = (body.Text("request_id", LongestRequestId), body.Usd("cost"));
        if (requestId is null == cost is null)
            body.Broken("", "one-of", "Give either request_id or cost.");
        if (requestId is not null && !FalReading.IsRequestId(requestId))
            body.Broken("request_id", "format", "request_id must be an id as fal shows it, such as a UUID.");
        if (body.AreBroken(out var refusal))
            return refusal;

        return requestId is not null ? await resolve.Bind(id, requestId, caller, cancel) : await resolve.End(id, cost!.Value, caller, cancel);
    }

    private async Task<Results<Ok<OperatorJobView>, ProblemHttpResult>> Bind(string id, string requestId, Caller caller, CancellationToken cancel)
    {
        if (await store.Find(id, cancel) is not { } job)
            return JobsModule.NotFound.Because();
        var now = time.GetUtcNow();
        if (job.Accepted(requestId, null) is not { } bound)
            return JobsModule.NotInAttention.Because();
        switch (await fal.Status(job.Model, requestId, cancel))
        {
            case FalStatus.Missing:
                return BodyFields.Invalid.Because(errors: [new("/request_id", "unknown", "fal does not know this request, or not as one of this account's.")]);
            case FalStatus.Unclear:
                return JobsModule.UpstreamUnavailable.Because("fal did not say whether there is such a request. Nothing was changed.");
        }

        if (await store.Change(id, before => before.Accepted(requestId, null), pace.Next(bound, now), Provided.RequestIsFree) is not { Moved: true, Job: var changed })
            return JobsModule.NotInAttention.Because("Another job has this request, or this job has found its own meanwhile.");
        audit.Record(caller, "resolve-job", id, $"(is fal's request {requestId})");
        return TypedResults.Ok(OperatorJobView.Of(changed));
    }

    private async Task<Results<Ok<OperatorJobView>, ProblemHttpResult>> End(string id, decimal cost, Caller caller, CancellationToken cancel)
    {
        if (await store.Find(id, cancel) is null)
            return JobsModule.NotFound.Because();
        var now = time.GetUtcNow();
        if (await store.Change(id, before => before.Resolved(cost, JobErrors.Resolved, now)) is not { Moved: true, Job: var ended })
            return JobsModule.NotInAttention.Because();
        audit.Record(caller, "resolve-job", id, $"(ended, cost {Money.Text(cost)} USD)");
        return TypedResults.Ok(OperatorJobView.Of(ended));
    }
}
