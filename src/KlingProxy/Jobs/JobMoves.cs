using KlingProxy.Fal.Queue;
using KlingProxy.Ids;

namespace KlingProxy.Jobs;

/// <summary>
/// Every legal move of a job, as a pure function: the job after it, or <c>null</c> where the move means nothing in that state.
/// <code>
/// submitting → queued ⇄ in_progress → finalizing → completed | failed | canceled | expired
/// queued → finalizing
/// submitting → unconfirmed | failed | canceled | expired
/// unconfirmed → submitting | queued | failed | canceled
/// queued | in_progress → failed                                           a person says so
/// failed | canceled | expired → completed | failed | canceled | expired   fal delivers after all
/// </code>
/// An ended job moves no more, but for one that ended without fal and that fal has after all. README draws the same.
/// </summary>
internal static class JobMoves
{
    extension(Job job)
    {
        /// <summary>The one submit begins. A second one finds it begun.</summary>
        public Job? Dispatched(DateTimeOffset now) =>
            job is { Status: JobStatus.Submitting, DispatchedAt: null }
                ? job with { DispatchedAt = now, CountsOn = DateOnly.FromDateTime(now.UtcDateTime) }
                : null;

        /// <summary>It may not be sent yet.</summary>
        public Job? HeldBack(WaitingFor reason, DateTimeOffset until) => job.IsUnsent ? job with { WaitingFor = reason, NextAttemptAt = until } : null;

        /// <summary>Its start deadline passed before it could be sent.</summary>
        public Job? Overdue(JobError reason, DateTimeOffset now) =>
            job is { Status: JobStatus.Submitting, DispatchedAt: null } ? job.Ended(JobStatus.Expired, now) with { Error = reason, Cost = 0 } : null;

        /// <summary>The submit provably never left, so it may begin again; unless its caller wants it canceled by now.</summary>
        public Job? Unsent(DateTimeOffset now) =>
            !job.AwaitsAnswer ? null
            : job.CancelRequestedAt is not null ? job.Ended(JobStatus.Canceled, now) with { Cost = 0 }
            : job with { Status = JobStatus.Submitting, DispatchedAt = null, UnsentAttempts = job.UnsentAttempts + 1 };

        /// <summary>fal has it: by the answer to the submit or, where that was lost, by a webhook to the job's own URL.</summary>
        public Job? Accepted(FalRequestId requestId, long? position) =>
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

        public Job? Completed(FalVideo video, FalUnits? units, DateTimeOffset now) =>
            job.AwaitsVerdict ? job.Settled(JobStatus.Completed, units, now) with { Video = video, Error = null } : null;

        public Job? EndedWithout(JobStatus verdict, JobError? error, FalUnits? units, DateTimeOffset now) =>
            job.AwaitsVerdict && verdict.IsFinal ? job.Settled(verdict, units, now) with { Error = error } : null;

        /// <summary>fal has it, though it had ended here without fal: because a person said so, or because it was never sent as far as we knew.</summary>
        public Job? Disputed(FalRequestId requestId, DateTimeOffset now) =>
            job is { HasEnded: true, EndIsDisputed: false } && (job.RequestId is null || (job.EndIsDeclared && job.RequestId == requestId))
                ? job with { RequestId = requestId, NeedsAttention = true, EndIsDisputed = true, DisputedAt = job.DisputedAt ?? now }
                : null;

        /// <summary>fal's result will not come any more: the end stands as it is.</summary>
        public Job? Undisputed() => job.EndIsDisputed ? job with { EndIsDisputed = false } : null;

        /// <summary>An operator has it made once more.</summary>
        public Job? Retried(JobId by) => job.MayBeRetried ? job with { RetriedAs = by } : null;

        /// <summary>It brought no video, and fal says no more about it. What its caller canceled, nobody wants any more.</summary>
        public bool MayBeRetried => job is { Status: JobStatus.Failed or JobStatus.Expired, EndIsDisputed: false };

        /// <summary>A person has seen what became of it. Nothing else changes.</summary>
        public Job? Acknowledged() => job is { HasEnded: true, NeedsAttention: true } ? job with { NeedsAttention = false } : null;

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

        /// <summary>fal has it and it has not ended.</summary>
        public bool IsUpstream => job.RequestId is not null && job.Status is JobStatus.Queued or JobStatus.InProgress or JobStatus.Finalizing;

        /// <summary>Something is still to be found out about it.</summary>
        public bool NeedsLooks => !job.HasEnded || job.EndIsDisputed;

        /// <summary>Somebody wants it canceled, and fal has not answered that yet.</summary>
        public bool CancelIsPending => job is { IsUpstream: true, CancelRequestedAt: not null, CancelAnswer: null };

        // Unconfirmed, too: a clock that jumps declares lost what is still in the air, and the answer, when it comes, is as true as ever.
        private bool AwaitsAnswer => job.Status is JobStatus.Submitting or JobStatus.Unconfirmed && job.RequestId is null;

        private bool AwaitsVerdict => job.Status == JobStatus.Finalizing || job.EndIsDisputed;

        private Job Ended(JobStatus verdict, DateTimeOffset now) =>
            job with { Status = verdict, EndedAt = now, QueuePosition = null, NeedsAttention = false };

        // An end that was declared at more than fal says stays at that: what was spent by a person's word is not given back by a header.
        private Job Settled(JobStatus verdict, FalUnits? units, DateTimeOffset now)
        {
            var settlement = Settlement.Of(job, units);
            return job.Ended(verdict, now) with
            {
                Cost = Math.Max(settlement.Cost, job.Cost ?? 0),
                CostIsEstimated = settlement.IsEstimated,
                BilledUnits = settlement.NotBelieved,
                NeedsAttention = settlement.NotBelieved is not null || job.EndIsDisputed,
                EndIsDisputed = false,
            };
        }
    }
}
