using System.Text.Json;

using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Reading;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs.Canceling;

/// <summary>A job as its operator sees it, to find it at fal. Where there is no such job here, all that is known is its id, fal's request, and what fal says of that.</summary>
/// <param name="Id">The job.</param>
/// <param name="Reason">
/// Why it waits for a person; null when it does not. <c>unconfirmed</c>: fal's answer to the submit was lost. <c>no-verdict</c>: fal has it and does not tell
/// how it ended, for too long. <c>billed-more</c>: fal says that it billed more than was held, or something that is no bill; it is settled at the hold.
/// <c>delivered-late</c>: it had ended here without fal, and fal has it after all. <c>unknown-job</c>: fal delivers for a job that is not there; this database may be an older
/// copy. <c>second-request</c>: fal delivers another request for a job that has one.
/// </param>
/// <param name="CallerId">Who asked for it; null where the job is not there.</param>
/// <param name="Status">Where it stands, in the words of a job's status; null where the job is not there.</param>
/// <param name="Model">The model that makes it.</param>
/// <param name="Input">As it went to fal; null where the job is not there.</param>
/// <param name="RequestId">fal's id of it; null while it is unconfirmed.</param>
/// <param name="CreatedAt">When it was recorded; where the job is not there, when fal first told.</param>
/// <param name="SubmittedAt">When its one submit was begun.</param>
/// <param name="EstimatedCost">USD; held until it has ended. Null where the job is not there.</param>
/// <param name="Cost">USD; null until it has ended.</param>
/// <param name="BilledUnits">fal's own word on what it billed, as it was written, where a person has to look at it.</param>
/// <param name="VideoUrl">At fal, where it made one: files there expire.</param>
internal sealed record OperatorJobView(
    string Id, string? Reason, string? CallerId, string? Status, string? Model, JsonElement? Input, string? RequestId, DateTimeOffset CreatedAt,
    DateTimeOffset? SubmittedAt,
    [property: Usd] string? EstimatedCost, [property: Usd] string? Cost, string? BilledUnits, string? VideoUrl)
{
    public static OperatorJobView Of(Job job) => new(
        job.Id, job.Attention?.Word, job.CallerId, job.Status.Word, job.Model, job.Input, job.RequestId?.Value, job.CreatedAt, job.DispatchedAt,
        Money.Text(job.EstimatedCost), Money.Text(job.Cost), job.BilledUnits, job.Video?.Url);

    public static OperatorJobView Of(AttentionNote note) => new(
        note.JobId, note.Reason.Word, null, null, note.Model, null, note.RequestId, note.At, null, null, null, note.Units, note.VideoUrl);
}

/// <summary>A page of what waits for a person, newest first.</summary>
/// <param name="Data">At most <c>limit</c> of them.</param>
/// <param name="NextCursor">Give it as <c>cursor</c> for the next page; null on the last.</param>
internal sealed record OperatorJobList(IReadOnlyList<OperatorJobView> Data, string? NextCursor);

/// <summary>What nothing automatic can decide.</summary>
internal static class ListAttention
{
    public static async Task<Results<Ok<OperatorJobList>, ProblemHttpResult>> Handle(
        string? limit, string? cursor, IJobStore store, IAttentionStore notes, CancellationToken cancel)
    {
        var faults = new List<string>();
        var (size, before) = JobPage.Read(limit, cursor, faults);
        if (faults.Count > 0)
            return UnreadableParameters.Refuse(faults).Answer();

        var rows = (await store.InAttention(size + 1, before, cancel)).Select(OperatorJobView.Of)
            .Concat((await notes.Open(size + 1, before, cancel)).Select(OperatorJobView.Of))
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id, StringComparer.Ordinal).ToList();
        var next = KeysetPage.Next(rows, size, row => new KeysetCursor(row.CreatedAt, row.Id));
        return TypedResults.Ok(new OperatorJobList([.. rows.Take(size)], next));
    }
}
