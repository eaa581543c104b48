using KlingProxy.Access;
using KlingProxy.Access.Credentials;
using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Following;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs.Canceling;

/// <summary>A person's decision about a job. Exactly one of the three.</summary>
/// <param name="RequestId">fal's request for it, as found at fal: the job goes on with that.</param>
/// <param name="Cost">USD that fal billed for it, <c>"0"</c> for nothing: the job ends as failed, at that cost. Its ticket stays spent and its Idempotency-Key taken, since fal may have it all the same.</param>
/// <param name="Acknowledge"><c>true</c>: seen. For a job that has ended, or is not here; it leaves the list, and nothing else changes.</param>
internal sealed record ResolveRequest(string? RequestId = null, [property: Usd] string? Cost = null, bool? Acknowledge = null);

/// <summary>Decides what nothing automatic can: that a lost submit is this request of fal's, or that the job is over and cost so much; or has seen what became of it.</summary>
internal sealed class ResolveJob(IJobStore store, IAttentionStore notes, ICredentials credentials, FalQueue fal, ReconcileSchedule pace, TimeProvider time, AuditTrail audit)
{
    private const int MaxRequestIdLength = 128;

    public static async Task<Results<Ok<OperatorJobView>, ProblemHttpResult>> Handle(string id, HttpRequest request, Caller caller, ResolveJob resolve, CancellationToken cancel)
    {
        var (body, unreadable) = await BodyFields.Read(request, cancel);
        if (unreadable is not null)
            return unreadable;
        var (requestId, cost, isSeen) = (body.Text("request_id", MaxRequestIdLength), body.Usd("cost"), body.Yes("acknowledge"));
        if (new[] { requestId is not null, cost is not null, isSeen }.Count(given => given) != 1)
            body.Broken("", "one-of", "Give exactly one of request_id, cost and acknowledge.");
        if (requestId is not null && !FalReading.IsRequestId(requestId))
            body.Broken("request_id", "format", "request_id must be an id as fal shows it, such as a UUID.");
        if (body.AreBroken(out var refusal))
            return refusal;
        if (await resolve.Ended(caller, cancel) is { } ended)
            return AccessProblems.Explain(ended, request.HttpContext);

        return requestId is not null ? await resolve.Bind(id, requestId, caller, cancel)
            : cost is { } billed ? await resolve.End(id, billed, caller, cancel)
            : await resolve.Acknowledge(id, caller, cancel);
    }

    private Task<CredentialEnd?> Ended(Caller caller, CancellationToken cancel) => credentials.End(caller.Credential, Scope.Operator, cancel);

    // A job and a note of the same id are one row to whoever looks: both are seen.
    private async Task<Results<Ok<OperatorJobView>, ProblemHttpResult>> Acknowledge(string id, Caller caller, CancellationToken cancel)
    {
        var change = await store.Change(id, before => before.Acknowledged());
        var note = await notes.Acknowledge(id, time.GetUtcNow());
        if (change is not { Moved: true } && note is null)
            return change is null ? JobProblems.NotFound.Because() : JobProblems.NotInAttention.Because("Only what has ended, or is not here, can be acknowledged. This job goes on, or was seen before.");
        audit.Record(caller, "resolve-job", id, "(seen)");
        return TypedResults.Ok(change is not null ? OperatorJobView.Of(change.Job) : OperatorJobView.Of(note!) with { Reason = null });
    }

    private async Task<Results<Ok<OperatorJobView>, ProblemHttpResult>> Bind(string id, string requestId, Caller caller, CancellationToken cancel)
    {
        if (await store.Find(id, cancel) is not { } job)
            return JobProblems.NotFound.Because();
        var now = time.GetUtcNow();
        if (job.Accepted(requestId, null) is not { } bound)
            return JobProblems.NotInAttention.Because();
        switch (await fal.Status(job.Model, requestId, cancel))
        {
            case FalStatus.Missing:
                return BodyFields.Invalid.Because(errors: [new("/request_id", "unknown", "fal does not know this request, or not as one of this account's.")]);
            case FalStatus.Unclear:
                return JobProblems.UpstreamUnavailable.Because("fal did not say whether there is such a request. Nothing was changed.");
        }

        if (await store.Change(id, before => before.Accepted(requestId, null), pace.Next(bound, now), Provided.RequestIsFree) is not { Moved: true, Job: var changed })
            return JobProblems.NotInAttention.Because("Another job has this request, or this job has found its own meanwhile.");
        audit.Record(caller, "resolve-job", id, $"(is fal's request {requestId})");
        return TypedResults.Ok(OperatorJobView.Of(changed));
    }

    private async Task<Results<Ok<OperatorJobView>, ProblemHttpResult>> End(string id, decimal cost, Caller caller, CancellationToken cancel)
    {
        if (await store.Find(id, cancel) is null)
            return JobProblems.NotFound.Because();
        var now = time.GetUtcNow();
        if (await store.Change(id, before => before.Resolved(cost, JobErrors.Resolved, now)) is not { Moved: true, Job: var ended })
            return JobProblems.NotInAttention.Because();
        audit.Record(caller, "resolve-job", id, $"(ended, cost {Money.Text(cost)} USD)");
        return TypedResults.Ok(OperatorJobView.Of(ended));
    }
}
