using KlingProxy.Fal;
using KlingProxy.Fal.Platform;
using KlingProxy.Jobs.Submitting;

using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs.Following;

/// <summary>
/// Looks for a submit whose answer was lost among fal's own records of requests: one for the same input, sent at about the same time, that no
/// other job has. Finding none proves nothing, since fal lists only what has ended; so the job waits on, and is never sent again.
/// </summary>
internal sealed partial class RecoverLostSubmit(
    IJobStore store, FalPlatform platform, ReconcileSchedule schedule, IOptions<FalOptions> options, TimeProvider time, ILogger<RecoverLostSubmit> logger)
{
    /// <summary>How far fal's clock and ours may be apart.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);

    public bool IsEnabled => platform.ListsRequests;

    /// <param name="job">An unconfirmed one.</param>
    /// <returns>The job as it stands after it.</returns>
    public async Task<Job> Recover(Job job, CancellationToken cancel)
    {
        if (job is not { Status: JobStatus.Unconfirmed, RequestId: null, DispatchedAt: { } sentAt })
            return job;
        if (await platform.Requests(job.Model, sentAt - Skew, cancel) is not { } records)
        {
            LogUnlisted(job.Id);
            return job;
        }

        var input = CanonicalJson.Fingerprint(job.Input);
        var fitting = records
            .Where(record => record.SentAt >= sentAt - Skew && record.SentAt <= sentAt + options.Value.SubmitTimeout + Skew)
            .Where(record => record.Input.ValueKind == System.Text.Json.JsonValueKind.Object
                && CanonicalJson.Fingerprint(record.Input).AsSpan().SequenceEqual(input))
            .OrderBy(record => (record.SentAt - sentAt).Duration());
        foreach (var record in fitting)
        {
            var next = schedule.Next(job.Accepted(record.RequestId, null) ?? job, time.GetUtcNow());
            if (await store.Change(job.Id, before => before.Accepted(record.RequestId, null), next, Provided.RequestIsFree) is not
                { Moved: true, Job: var found })
                continue;
            LogFound(job.Id, record.RequestId);
            return found;
        }
        return job;
    }

    [LoggerMessage(1080, LogLevel.Information, "Job {JobId}, whose submit went unanswered, is fal's request {RequestId}")]
    private partial void LogFound(string jobId, string requestId);

    [LoggerMessage(1081, LogLevel.Warning, "fal does not list its requests, so job {JobId} cannot be looked for; the key may lack the right to")]
    private partial void LogUnlisted(string jobId);
}
