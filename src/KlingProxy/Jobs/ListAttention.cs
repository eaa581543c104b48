using System.Text.Json;

using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs;

/// <summary>A job as its operator sees it, to find it at fal.</summary>
/// <param name="Id">The job.</param>
/// <param name="CallerId">Who asked for it.</param>
/// <param name="Status"><c>unconfirmed</c>: fal's answer to the submit was lost. <c>finalizing</c>: fal no longer runs it and does not tell how it ended. <c>queued</c>, <c>in_progress</c>: fal has said nothing sensible about it for too long.</param>
/// <param name="Model">The model that makes it.</param>
/// <param name="Input">As it went to fal.</param>
/// <param name="RequestId">fal's id of it; null while it is unconfirmed.</param>
/// <param name="CreatedAt">When it was recorded.</param>
/// <param name="SubmittedAt">When its one submit was begun.</param>
/// <param name="EstimatedCost">USD; held until it is resolved.</param>
/// <param name="Cost">USD; null until it has ended.</param>
internal sealed record OperatorJobView(
    string Id, string CallerId, JobStatus Status, string Model, JsonElement Input, string? RequestId, DateTimeOffset CreatedAt, DateTimeOffset? SubmittedAt,
    [property: Usd] string EstimatedCost, [property: Usd] string? Cost)
{
    public static OperatorJobView Of(Job job) => new(
        job.Id, job.CallerId, job.Status, job.Model, job.Input, job.RequestId, job.CreatedAt, job.DispatchedAt,
        Money.Text(job.EstimatedCost), Money.Text(job.Cost));
}

/// <summary>A page of jobs that wait for a person, newest first.</summary>
/// <param name="Data">At most <c>limit</c> of them.</param>
/// <param name="NextCursor">Give it as <c>cursor</c> for the next page; null on the last.</param>
internal sealed record OperatorJobList(IReadOnlyList<OperatorJobView> Data, string? NextCursor);

/// <summary>What nothing automatic can decide.</summary>
internal static class ListAttention
{
    public static async Task<Results<Ok<OperatorJobList>, ProblemHttpResult>> Handle(string? limit, string? cursor, IJobStore store, CancellationToken cancel)
    {
        var faults = new List<string>();
        var (size, before) = JobPage.Read(limit, cursor, faults);
        if (faults.Count > 0)
            return JsonBody.Malformed.Because(string.Join(' ', faults));

        var jobs = await store.InAttention(size + 1, before, cancel);
        return TypedResults.Ok(new OperatorJobList([.. jobs.Take(size).Select(OperatorJobView.Of)], JobPage.Next(jobs, size)));
    }
}
