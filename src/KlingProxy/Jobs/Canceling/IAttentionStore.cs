using KlingProxy.Access.Audit;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Jobs.Canceling;

/// <summary>What waits for a person and has no job here, or none any more.</summary>
/// <param name="RequestId">fal's; there is one note of each, however often fal tells.</param>
/// <param name="JobId">Whose address fal was given.</param>
/// <param name="Model">Where it is known.</param>
/// <param name="Units">fal's word on what it billed; <c>null</c> until fal gave one.</param>
/// <param name="VideoUrl">At fal, where it can still be fetched for a while.</param>
/// <param name="At">When it was first told.</param>
internal sealed record AttentionNote(
    FalRequestId RequestId, JobId JobId, AttentionReason Reason, string? Model, string? Units, string? VideoUrl, DateTimeOffset At);

/// <summary>What Jobs needs from a database to forget no bill that belongs to no job.</summary>
internal interface IAttentionStore
{
    /// <summary>On disk when it returns. A note of the same request stays, and learns what was not known.</summary>
    /// <returns>Whether it is the first of this request.</returns>
    Task<bool> Add(AttentionNote note);

    /// <returns>Whether the ledger has this request under this job, though the job may be deleted; not where a person booked it, or where fal's word on what it
    /// billed is missing.</returns>
    Task<bool> IsBooked(JobId jobId, FalRequestId requestId, CancellationToken cancel);

    /// <summary>Those that nobody has looked at, newest first.</summary>
    /// <param name="before">The last row of the page before.</param>
    Task<IReadOnlyList<AttentionNote>> Open(int limit, KeysetCursor? before, CancellationToken cancel);

    /// <returns>All notes of this job, oldest first, each with when somebody looked at it.</returns>
    Task<IReadOnlyList<(AttentionNote Note, DateTimeOffset? SeenAt)>> Of(JobId jobId, CancellationToken cancel);

    /// <summary>A person has looked at all notes of this job. They stay, so that no later delivery brings them up again.</summary>
    /// <param name="act">Written with it, if there was one.</param>
    /// <returns>The newest of them; <c>null</c> when there was none.</returns>
    Task<AttentionNote?> Acknowledge(JobId jobId, DateTimeOffset now, OperatorAct? act = null);
}
