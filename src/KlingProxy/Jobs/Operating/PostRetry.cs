using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;
using KlingProxy.Jobs.Reading;
using KlingProxy.Jobs.Submitting;

namespace KlingProxy.Jobs.Operating;

/// <summary><c>POST /v1/jobs/{id}/retry</c>.</summary>
internal static class PostRetry
{
    public static async Task<IResult> Handle(
        JobId id, HttpRequest request, Caller caller, RetryJob retryJob, JobResponses responses, CancellationToken cancel)
    {
        var (key, fault) = IdempotencyKeyHeader.Read(request);
        if (fault is not null)
            return fault.Answer();
        var retried = await retryJob.Retry(id, caller, key, request.HttpContext.TraceIdentifier, cancel);
        return retried.IsGranted ? responses.Retried(request, retried.Value.Job, retried.Value.Replayed) : retried.Refusal.Answer();
    }
}
