using KlingProxy.Access.Audit;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Reading;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Jobs.Operating;

/// <summary>All that is known of a job, for operators.</summary>
/// <param name="Job">As it stands; null where it was deleted.</param>
/// <param name="Events">Where it stood when, the first first.</param>
/// <param name="Submit">What became of sending it; null where the job was deleted.</param>
/// <param name="Ledger">What was held, released and settled for it, in this order; it stays when the job is deleted.</param>
/// <param name="Notes">What fal told of it that no job here accounts for, the first first.</param>
/// <param name="Acts">What operators did about it, the first first.</param>
internal sealed record StoryView(
    JobView? Job, IReadOnlyList<StoryEventView> Events, StorySubmitView? Submit, IReadOnlyList<LedgerEntryView> Ledger, IReadOnlyList<StoryNoteView> Notes,
    IReadOnlyList<AuditView> Acts);

/// <summary>One thing that happened to a job.</summary>
/// <param name="Sequence">Counts from 1, without gaps.</param>
/// <param name="Status">Where it stood from then on.</param>
/// <param name="QueuePosition">Jobs ahead of it at fal, while it was queued.</param>
/// <param name="CreatedAt">When it happened.</param>
internal sealed record StoryEventView(long Sequence, JobStatus Status, long? QueuePosition, DateTimeOffset CreatedAt)
{
    public static StoryEventView Of(JobEvent happened) => new(happened.Sequence, happened.Status, happened.QueuePosition, happened.At);
}

/// <summary>What became of sending a job to fal.</summary>
/// <param name="UnsentAttempts">How often it was tried and provably did not leave.</param>
/// <param name="SubmittedAt">When its one submit was begun; null before.</param>
/// <param name="WaitingFor">Why it was not sent when that was last tried: <c>fal</c>, <c>freeze</c> or <c>budget</c>.</param>
/// <param name="NextAttemptAt">When that is tried again; null once it was sent.</param>
/// <param name="CountsOn">The UTC day whose budgets it counts against.</param>
/// <param name="CancelRequestedAt">When its cancellation was asked for.</param>
/// <param name="CancelAnswer">fal's word on the cancellation; null until fal has answered it.</param>
/// <param name="DisputedAt">When fal was found to have it although it had ended here.</param>
/// <param name="BilledUnits">fal's own word on what it billed, where it is not believed.</param>
internal sealed record StorySubmitView(
    int UnsentAttempts, DateTimeOffset? SubmittedAt, string? WaitingFor, DateTimeOffset? NextAttemptAt, DateOnly CountsOn, DateTimeOffset? CancelRequestedAt,
    string? CancelAnswer, DateTimeOffset? DisputedAt, string? BilledUnits)
{
    public static StorySubmitView Of(Job job) => new(
        job.UnsentAttempts, job.DispatchedAt, job.WaitingFor?.ToString().ToLowerInvariant(), job.IsUnsent ? job.NextAttemptAt : null, job.CountsOn,
        job.CancelRequestedAt, job.CancelAnswer?.ToString().ToLowerInvariant(), job.DisputedAt, job.BilledUnits);
}

/// <summary>What fal told that no job here accounts for.</summary>
/// <param name="RequestId">fal's.</param>
/// <param name="Reason">In the words of GET /v1/attention.</param>
/// <param name="BilledUnits">fal's word on what it billed; null until fal gave one.</param>
/// <param name="CreatedAt">When it was first told.</param>
/// <param name="SeenAt">When a person had looked at it; null: nobody has.</param>
internal sealed record StoryNoteView(string RequestId, string Reason, string? BilledUnits, DateTimeOffset CreatedAt, DateTimeOffset? SeenAt)
{
    public static StoryNoteView Of((AttentionNote Note, DateTimeOffset? SeenAt) of) =>
        new(of.Note.RequestId, of.Note.Reason.Word, of.Note.Units, of.Note.At, of.SeenAt);
}
