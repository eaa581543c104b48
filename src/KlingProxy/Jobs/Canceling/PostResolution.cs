using KlingProxy.Access;
using KlingProxy.Access.Credentials;
using KlingProxy.Fal.Calls;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs.Canceling;

/// <summary>A person's decision about a job. Exactly one of the three.</summary>
/// <param name="RequestId">fal's request for it, as found at fal: the job goes on with that.</param>
/// <param name="Cost">USD that fal billed for it, <c>"0"</c> for nothing: the job ends as failed, at that cost. Its ticket stays spent and its Idempotency-Key taken, since fal may have it all the same.</param>
/// <param name="Acknowledge"><c>true</c>: seen. For a job that has ended, or is not here; it leaves the list, and nothing else changes.</param>
internal sealed record ResolveRequest(string? RequestId = null, [property: Usd] string? Cost = null, bool? Acknowledge = null);

/// <summary><c>POST /v1/jobs/{id}/resolve</c>.</summary>
internal static class PostResolution
{
    private const int MaxRequestIdLength = 128;

    public static async Task<Results<Ok<OperatorJobView>, ProblemHttpResult>> Handle(
        JobId id, HttpRequest request, Caller caller, ResolveJob resolve, ICredentials credentials, CancellationToken cancel)
    {
        var (body, unreadable) = await BodyFields.Read(request, cancel);
        if (unreadable is not null)
            return unreadable.Answer();
        var (requestId, cost, isSeen) = (body.Text("request_id", MaxRequestIdLength), body.Usd("cost"), body.Yes("acknowledge"));
        if (new[] { requestId is not null, cost is not null, isSeen }.Count(given => given) != 1)
            body.Broken("", "one-of", "Give exactly one of request_id, cost and acknowledge.");
        if (requestId is not null && !FalReading.IsRequestId(requestId))
            body.Broken("request_id", "format", "request_id must be an id as fal shows it, such as a UUID.");
        if (body.AreBroken(out var refusal))
            return refusal.Answer();
        if (await credentials.End(caller.Credential, Scope.Operator, cancel) is { } ended)
            return AccessProblems.Explain(ended).Answer();

        var resolved = requestId is not null ? await resolve.Bind(id, new FalRequestId(requestId), caller, cancel)
            : cost is { } billed ? await resolve.End(id, billed, caller, cancel)
            : await resolve.Acknowledge(id, caller, cancel);
        return resolved.IsGranted ? TypedResults.Ok(resolved.Value) : resolved.Refusal.Answer();
    }
}
