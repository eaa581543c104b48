using System.Text.Json;

using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.Http.Problems;
using KlingProxy.Ids;
using KlingProxy.Jobs.Canceling;

namespace KlingProxy.Jobs;

/// <summary>Our record of one video that somebody asked for. Its legal moves are in <c>JobMoves</c>; nothing else changes it.</summary>
internal sealed record Job
{
    public required JobId Id { get; init; }

    public required CallerId CallerId { get; init; }

    /// <summary>Whose budget it is paid from: its caller's, or that of whoever minted the ticket that the caller came with.</summary>
    public CallerId PayerId { get => field == default ? CallerId : field; init; }

    public required string Model { get; init; }

    /// <summary>The input as it goes to fal: without nulls, inline images replaced by their uploads.</summary>
    public required JsonElement Input { get; init; }

    public JsonElement? Metadata { get; init; }

    /// <summary>Seconds of video that are billed at most.</summary>
    public required int Seconds { get; init; }

    /// <summary>USD per second, pinned when the job was created.</summary>
    public required decimal UnitPrice { get; init; }

    /// <summary>USD held from the budget until the verdict.</summary>
    public required decimal EstimatedCost { get; init; }

    /// <summary>How fal is to treat it, where its caller asked for anything.</summary>
    public JobTerms? Terms { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The UTC day whose budgets it counts against: the one on which its submit begins, and until then that of its creation.</summary>
    public DateOnly CountsOn { get => field == default ? DateOnly.FromDateTime(CreatedAt.UtcDateTime) : field; init; }

    /// <summary>The id of the request that created it, which its caller may quote: log lines about the job say it.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>The failed job that an operator had made once more by this one.</summary>
    public JobId? RetryOf { get; init; }

    /// <summary>The job by which an operator had this one made once more, the last where there are several.</summary>
    public JobId? RetriedAs { get; init; }

    public JobStatus Status { get; init; }

    /// <summary>When the one submit was begun. Set before the first byte leaves, so that a crash in between can never send it twice.</summary>
    public DateTimeOffset? DispatchedAt { get; init; }

    /// <summary>How often a submit provably did not leave.</summary>
    public int UnsentAttempts { get; init; }

    /// <summary>Why it was not sent when it was last tried; it means something only until it is sent.</summary>
    public WaitingFor? WaitingFor { get; init; }

    /// <summary>When that is tried again; likewise.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    /// <summary>fal's id of it, once known.</summary>
    public FalRequestId? RequestId { get; init; }

    public long? QueuePosition { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinalizingAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    public DateTimeOffset? CancelRequestedAt { get; init; }

    /// <summary>fal's word on the cancellation; none until fal has answered it.</summary>
    public FalCancellation? CancelAnswer { get; init; }

    /// <summary>What the model printed, as far as it was seen: the first <see cref="Following.JobLogs.MaxLines"/> lines. They only grow.</summary>
    public IReadOnlyList<FalLogLine>? Logs { get; init; }

    public FalVideo? Video { get; init; }

    public JobError? Error { get; init; }

    /// <summary>USD, once settled; zero where fal bills nothing.</summary>
    public decimal? Cost { get; init; }

    /// <summary>fal did not say what it billed, or not believably, so the cost is the hold.</summary>
    public bool CostIsEstimated { get; init; }

    /// <summary>fal's own word on what it billed, where it is not believed; see <see cref="Settlement"/>.</summary>
    public string? BilledUnits { get; init; }

    /// <summary>It had ended here without fal, and fal has it after all: the end stands until fal's result corrects it.</summary>
    public bool EndIsDisputed { get; init; }

    /// <summary>When that was seen first.</summary>
    public DateTimeOffset? DisputedAt { get; init; }

    /// <summary>Waits for a person; <see cref="AttentionReasons"/> tells why.</summary>
    public bool NeedsAttention { get; init; }

    /// <summary>Sequence number of its newest event; also its ETag.</summary>
    public long Version { get; init; }

    public bool HasEnded => Status.IsFinal;

    /// <summary>Recorded and not being sent.</summary>
    public bool IsUnsent => this is { Status: JobStatus.Submitting, DispatchedAt: null };

    /// <summary>A person said that it is over, without fal's word for it.</summary>
    public bool EndIsDeclared => Status == JobStatus.Failed && Error?.Code == JobErrors.Lost;
}

/// <summary>What a job waits for before it is sent.</summary>
internal enum WaitingFor
{
    /// <summary>fal was not reached, or said "not now".</summary>
    Fal,

    /// <summary>An operator has stopped new spending.</summary>
    Freeze,

    /// <summary>It leaves on another day than it was created, and that day's budgets do not allow it.</summary>
    Budget,
}

/// <summary>Why a job ended without a video, in words meant for its caller.</summary>
/// <param name="Code">Stable.</param>
/// <param name="Errors">fal's field errors, as JSON pointers into the job's body.</param>
/// <param name="Upstream">What fal answered, for callers who speak fal's protocol; <c>null</c> where it did not.</param>
internal sealed record JobError(string Code, string Title, string? Detail, IReadOnlyList<Violation> Errors, FalError? Upstream = null);
