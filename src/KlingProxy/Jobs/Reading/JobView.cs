using System.Text.Json;
using System.Text.Json.Serialization;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Network;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Canceling;

namespace KlingProxy.Jobs.Reading;

/// <summary>A job as its caller sees it.</summary>
/// <param name="Id">Opaque.</param>
/// <param name="Model">The model that makes it.</param>
/// <param name="Input">As it went to fal: without nulls, inline images replaced by their uploads.</param>
/// <param name="CreatedAt">When it was accepted.</param>
/// <param name="StartedAt">When fal began to work on it; null before.</param>
/// <param name="EndedAt">Null until it has ended.</param>
/// <param name="CancelRequestedAt">When its cancellation was asked for; null: nobody has.</param>
/// <param name="WaitingFor">Why it has not been sent yet: <c>fal</c> was not reached or said "not now"; <c>freeze</c>: the operator has stopped new spending; <c>budget</c>: today's does not allow it. Null while it is sent, and after.</param>
/// <param name="NextAttemptAt">When that is tried again.</param>
/// <param name="QueuePosition">Jobs ahead of it at fal, while it is queued.</param>
/// <param name="EstimatedCost">USD; held from the budget until the job ends.</param>
/// <param name="Cost">USD; null until the job ends.</param>
/// <param name="CostIsEstimated">fal did not say, or not believably, what it billed; the cost is the estimate.</param>
/// <param name="Video">fal's output; null until the job is completed.</param>
/// <param name="Error">Why it ended without a video.</param>
/// <param name="Metadata">Your own notes, as they were sent.</param>
/// <param name="Logs">What the model printed, as far as it was seen: at most 200 lines. Not in lists.</param>
/// <param name="Links">Where to go from here.</param>
/// <param name="RetryOf">The failed job that the operator had made once more by this one.</param>
/// <param name="RetriedAs">The job by which the operator had this one made once more.</param>
/// <param name="Operator">What only operators see.</param>
internal sealed record JobView(
    string Id, JobStatus Status, string Model, JsonElement Input, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
    DateTimeOffset? CancelRequestedAt, string? WaitingFor, DateTimeOffset? NextAttemptAt, long? QueuePosition, [property: Usd] string EstimatedCost,
    [property: Usd] string? Cost, bool CostIsEstimated, VideoView? Video, JobErrorView? Error, JsonElement? Metadata,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<JobLogView>? Logs, JobLinks Links,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RetryOf = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RetriedAs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JobOwnerView? Operator = null);

/// <summary>Whose a job is, and by which names others know it; for operators.</summary>
/// <param name="CallerId">Who asked for it: a key, a ticket, a user, an address.</param>
/// <param name="PayerId">Whose budget it is paid from; of a ticket, the key that minted it.</param>
/// <param name="RequestId">fal's id of it; null while, or where, fal has none.</param>
/// <param name="CreatedBy">The id of the request that created it: log lines about the job say it. Null where that is not known.</param>
/// <param name="Attention">Why it waits for a person, in the words of GET /v1/attention; null when it does not.</param>
internal sealed record JobOwnerView(string CallerId, string PayerId, string? RequestId, string? CreatedBy, string? Attention)
{
    public static JobOwnerView Of(Job job) => new(job.CallerId, job.PayerId, job.RequestId?.Value, job.CreatedBy, job.Attention?.Word);
}

/// <summary>A line that the model printed.</summary>
/// <param name="Message">Text; a key of ours or fal's in it is struck out.</param>
/// <param name="Timestamp">As fal has it.</param>
/// <param name="Level">As fal has it, such as <c>INFO</c>.</param>
internal sealed record JobLogView(string Message, string? Timestamp, string? Level);

/// <summary>fal's output fields.</summary>
/// <param name="Url">On fal's CDN, readable by whoever knows it. <c>links.video</c> streams the same file through this service.</param>
/// <param name="ContentType">As fal names it.</param>
/// <param name="FileName">As fal names it.</param>
/// <param name="FileSize">In bytes.</param>
internal sealed record VideoView(string Url, string? ContentType, string? FileName, long? FileSize);

/// <summary>Why a job ended without a video.</summary>
/// <param name="Code">Stable.</param>
/// <param name="Title">One sentence, the same for every occurrence.</param>
/// <param name="Detail">What happened this time.</param>
/// <param name="Errors">fal's findings, as JSON pointers into the job's body.</param>
/// <param name="Categories">What a content checker took the input for, such as <c>violence</c>; only where fal said so.</param>
internal sealed record JobErrorView(
    string Code, string Title, string? Detail, IReadOnlyList<Violation> Errors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string>? Categories = null);

/// <summary>Where to go from a job.</summary>
/// <param name="Self">This job.</param>
/// <param name="Events">Its events, signed: opens without headers until it expires.</param>
/// <param name="Video">Its video, signed likewise; null until there is one.</param>
/// <param name="Cancel">POST here to cancel; null once that was asked for, or the job has ended.</param>
internal sealed record JobLinks(string Self, string Events, string? Video, string? Cancel);

/// <summary>A page of jobs, newest first.</summary>
/// <param name="Data">At most <c>limit</c> of them.</param>
/// <param name="NextCursor">Give it as <c>cursor</c> for the next page; null on the last.</param>
internal sealed record JobList(IReadOnlyList<JobView> Data, string? NextCursor);

/// <summary>One thing that happened to a job.</summary>
/// <param name="Sequence">Counts from 1, without gaps; <c>Last-Event-ID</c> and <c>after</c> take it.</param>
/// <param name="QueuePosition">Jobs ahead of it at fal, while it is queued.</param>
/// <param name="CreatedAt">When it happened.</param>
/// <param name="Video">With the final event of a completed job.</param>
/// <param name="Error">With the final event of one that ended without a video.</param>
/// <param name="Cost">USD, with the final event.</param>
internal sealed record JobEventView(
    long Sequence, JobStatus Status, long? QueuePosition, DateTimeOffset CreatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] VideoView? Video,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JobErrorView? Error,
    [property: Usd, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Cost);

/// <summary>The events of a job, in order.</summary>
/// <param name="Data">All of them, or those after the place that was given.</param>
/// <param name="NextCursor">Always null: the list is complete.</param>
internal sealed record JobEventList(IReadOnlyList<JobEventView> Data, string? NextCursor);

/// <summary>Makes views of jobs.</summary>
internal sealed class JobViews(PublicUrl address, SignedLinks links)
{
    /// <summary>Without its logs, which a hundred jobs of a page would make megabytes.</summary>
    public JobView InList(HttpRequest request, Job job) => Of(request, job) with { Logs = null };

    public JobView InListForOperator(HttpRequest request, Job job) => ForOperator(request, job) with { Logs = null };

    /// <summary>The same for whoever may see everybody's. Only its caller cancels it.</summary>
    public JobView ForOperator(HttpRequest request, Job job) =>
        Of(request, job) with { Operator = JobOwnerView.Of(job), Links = Links(request, job) with { Cancel = null } };

    /// <summary>What is made of a job for this request, by its name: equal ones are equal byte by byte.</summary>
    public JobForm FormOf(HttpRequest request, string name) => new(name, address.BaseOf(request), links.Expiry);

    public JobView Of(HttpRequest request, Job job) => new(
        job.Id, job.Status, job.Model, job.Input, job.CreatedAt, job.StartedAt, job.EndedAt,
        job.CancelRequestedAt, job.IsUnsent ? Word(job.WaitingFor) : null, job.IsUnsent ? job.NextAttemptAt : null, job.QueuePosition,
        Money.Text(job.EstimatedCost), Money.Text(job.Cost), job.CostIsEstimated, Of(job.Video), Of(job.Error), job.Metadata,
        [.. (job.Logs ?? []).Select(line => new JobLogView(line.Message, line.Timestamp, line.Level))], Links(request, job), job.RetryOf?.Value,
        job.RetriedAs?.Value);

    public static JobEventView Of(Job job, JobEvent happened) => happened.Status.IsFinal
        ? new(happened.Sequence, happened.Status, happened.QueuePosition, happened.At, Of(job.Video), Of(job.Error), Money.Text(job.Cost))
        : new(happened.Sequence, happened.Status, happened.QueuePosition, happened.At, null, null, null);

    private JobLinks Links(HttpRequest request, Job job)
    {
        var self = $"/v1/jobs/{job.Id}";
        return new JobLinks(
            address.Link(request, self),
            address.Link(request, links.Sign($"{self}/events")),
            job.Status == JobStatus.Completed ? address.Link(request, links.Sign($"{self}/video")) : null,
            job.HasEnded || job.CancelRequestedAt is not null ? null : address.Link(request, $"{self}/cancel"));
    }

    private static string? Word(WaitingFor? reason) => reason?.ToString().ToLowerInvariant();

    private static VideoView? Of(FalVideo? video) => video is null ? null : new(video.Url, video.ContentType, video.FileName, video.FileSize);

    private static JobErrorView? Of(JobError? error) => error is null ? null : new(error.Code, error.Title, error.Detail, error.Errors, CategoriesOf(error));

    private static List<string>? CategoriesOf(JobError error) =>
        error.Upstream?.Fields.SelectMany(field => field.Categories ?? []).Distinct().ToList() is { Count: > 0 } categories ? categories : null;
}
