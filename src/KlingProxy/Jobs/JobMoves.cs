using KlingProxy.Fal;

namespace KlingProxy.Jobs;

/// <summary>
/// Every legal move of a job, as a pure function: the job after it, or <c>null</c> where the move means nothing in that state.
/// <code>submitting → queued ⇄ in_progress → finalizing → completed | failed | canceled | expired,  submitting → unconfirmed → queued | failed | submitting</code>
/// </summary>
internal static class JobMoves
{
    extension(Job job)
    {
        /// <summary>The one submit begins. A second one finds it begun.</summary>
        public Job? Dispatched(DateTimeOffset now) =>
            job is { Status: JobStatus.Submitting, DispatchedAt: null } ? job with { DispatchedAt = now } : null;

        /// <summary>The submit provably never left, so it may begin again; unless its caller wants it canceled by now.</summary>
        public Job? Unsent(DateTimeOffset now) =>
            !job.AwaitsAnswer ? null
            : job.CancelRequestedAt is not null ? job.Ended(JobStatus.Canceled, now) with { Cost = 0 }
            : job with { Status = JobStatus.Submitting, DispatchedAt = null, UnsentAttempts = job.UnsentAttempts + 1 };

        /// <summary>fal has it: by the answer to the submit or, where that was lost, by a webhook to the job's own URL.</summary>
        public Job? Accepted(string requestId, long? position) =>
            job.AwaitsAnswer
                ? job with { Status = JobStatus.Queued, RequestId = requestId, QueuePosition = position, NeedsAttention = false }
                : null;

        /// <summary>fal said no before there was anything to pay for.</summary>
        public Job? Refused(JobError error, DateTimeOffset now) =>
            job.AwaitsAnswer ? job.Ended(JobStatus.Failed, now) with { Error = error, Cost = 0 } : null;

        /// <summary>The answer was lost. The hold stays.</summary>
        public Job? Unanswered() =>
            job is { Status: JobStatus.Submitting, DispatchedAt: not null } ? job with { Status = JobStatus.Unconfirmed } : null;

        public Job? Waiting(long? position) =>
            job.Status is JobStatus.Queued or JobStatus.InProgress && (job.Status != JobStatus.Queued || job.QueuePosition != position)
                ? job with { Status = JobStatus.Queued, QueuePosition = position }
                : null;

        public Job? Running(DateTimeOffset now) =>
            job.Status == JobStatus.Queued
                ? job with { Status = JobStatus.InProgress, QueuePosition = null, StartedAt = job.StartedAt ?? now }
                : null;

        /// <summary>fal no longer runs it; the result call will say how it ended.</summary>
        public Job? Stopped(DateTimeOffset now) =>
            job.Status is JobStatus.Queued or JobStatus.InProgress
                ? job with { Status = JobStatus.Finalizing, QueuePosition = null, FinalizingAt = now }
                : null;

        public Job? Completed(FalVideo video, decimal? units, DateTimeOffset now) =>
            job.Status == JobStatus.Finalizing ? job.Ended(JobStatus.Completed, now).Settled(units) with { Video = video } : null;

        public Job? EndedWithout(JobStatus verdict, JobError? error, decimal? units, DateTimeOffset now) =>
            job.Status == JobStatus.Finalizing && verdict.IsFinal ? job.Ended(verdict, now).Settled(units) with { Error = error } : null;

        /// <summary>Canceled before anything left: nothing to ask fal about, nothing to pay.</summary>
        public Job? CanceledUnsent(DateTimeOffset now) =>
            job is { Status: JobStatus.Submitting, DispatchedAt: null } ? job.Ended(JobStatus.Canceled, now) with { Cost = 0, CancelRequestedAt = now } : null;

        public Job? CancelRequested(DateTimeOffset now) =>
            !job.HasEnded && job.CancelRequestedAt is null ? job with { CancelRequestedAt = now } : null;

        /// <summary>fal has answered the cancellation, and is not asked again. A runner that was told to stop is one that ran, and may be billed.</summary>
        public Job? CancelPassedOn(FalCancellation answer, DateTimeOffset now) =>
            job is { IsUpstream: true, CancelAnswer: null } && answer != FalCancellation.Unavailable
                ? (answer == FalCancellation.Requested ? job.Running(now) ?? job : job) with { CancelAnswer = answer }
                : null;

        /// <summary>Nothing automatic can tell how it ends: a person has to look. One that was bound or ended meanwhile needs nobody.</summary>
        public Job? Flagged() =>
            (job.IsUpstream || job.Status == JobStatus.Unconfirmed) && !job.NeedsAttention ? job with { NeedsAttention = true } : null;

        /// <summary>A person says that it is over, and what fal billed for it.</summary>
        /// <param name="cost">USD.</param>
        public Job? Resolved(decimal cost, JobError reason, DateTimeOffset now) =>
            job is { HasEnded: false } and ({ NeedsAttention: true } or { Status: JobStatus.Unconfirmed })
                ? job.Ended(JobStatus.Failed, now) with { Error = reason, Cost = cost, CostIsEstimated = false }
                : null;

        /// <summary>fal has it and it has not ended: only then does a result mean anything.</summary>
        public bool IsUpstream => job.RequestId is not null && job.Status is JobStatus.Queued or JobStatus.InProgress or JobStatus.Finalizing;

        /// <summary>Somebody wants it canceled, and fal has not answered that yet.</summary>
        public bool CancelIsPending => job is { IsUpstream: true, CancelRequestedAt: not null, CancelAnswer: null };

        // Unconfirmed, too: a clock that jumps declares lost what is still in the air, and the answer, when it comes, is as true as ever.
        private bool AwaitsAnswer => job.Status is JobStatus.Submitting or JobStatus.Unconfirmed && job.RequestId is null;

        private Job Ended(JobStatus verdict, DateTimeOffset now) =>
            job with { Status = verdict, EndedAt = now, QueuePosition = null, NeedsAttention = false };

        // Without fal's word on the units we cannot know less than the hold; the flag says that it is our guess.
        private Job Settled(decimal? units) =>
            job with { Cost = units is { } billed ? decimal.Round(billed * job.UnitPrice, 6) : job.EstimatedCost, CostIsEstimated = units is null };
    }
}
