using KlingProxy.Fal;
using KlingProxy.Jobs.Submitting;

using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs.Following;

/// <summary>
/// When the reconciler looks at a job again if nothing else happens to it. Doubles as the lease that keeps replicas from looking at the same time.
/// </summary>
internal sealed class ReconcileSchedule(IOptions<JobOptions> jobs, IOptions<FalOptions> fal, WebhookAddress webhooks)
{
    private static readonly TimeSpan MaxRetryPause = TimeSpan.FromMinutes(1), MinRetryPause = TimeSpan.FromSeconds(1);

    public DateTimeOffset Next(Job job, DateTimeOffset now) => now + (job.Status switch
    {
        JobStatus.Submitting when job.DispatchedAt is not null => SubmitLease,
        JobStatus.Submitting => Earlier(TimeSpan.FromSeconds(Math.Min(MaxRetryPause.TotalSeconds, Math.Pow(2, job.UnsentAttempts))), StartBy(job) - now),
        _ when job.CancelIsPending => fal.Value.ReadTimeout, // whoever took the wish asks fal now; if that was in vain, it is asked again
        JobStatus.Queued or JobStatus.InProgress => webhooks.IsKnown ? jobs.Value.WebhookGrace : jobs.Value.PollInterval,
        JobStatus.Finalizing => Clamp((now - (job.FinalizingAt ?? now)) / 2),
        _ => MaxRetryPause,
    });

    /// <summary>
    /// Whether a job has changed so often that another change which is not for good is not worth a row and an event: positions that jump about, a
    /// state that flaps. Whoever waits behind hundreds of others is far below it, and a while later there is room again.
    /// </summary>
    public static bool IsRestless(Job job, DateTimeOffset now) => job.Version >= 300 + (now - job.CreatedAt).TotalSeconds / 10;

    /// <summary>When a job that may not be sent at the moment tries again.</summary>
    public DateTimeOffset WhileFrozen(DateTimeOffset now) => now + jobs.Value.PollInterval;

    /// <summary>How long it may wait for a runner. The operator's deadline is the longest: a caller may only wait less.</summary>
    public TimeSpan StartTimeout(Job job) => job.Terms?.StartTimeout is { } wanted && wanted < fal.Value.StartTimeout ? wanted : fal.Value.StartTimeout;

    /// <returns>From then on it is not sent any more, whatever kept it from being sent before.</returns>
    public DateTimeOffset StartBy(Job job) => job.CreatedAt + StartTimeout(job);

    /// <returns>When a person has to look at a job of which nothing final was heard until then; <c>null</c> while that cannot be said.</returns>
    public DateTimeOffset? VerdictDue(Job job) => job.Status switch
    {
        JobStatus.Finalizing => job.FinalizingAt + jobs.Value.VerdictDeadline,
        JobStatus.Unconfirmed => job.DispatchedAt + jobs.Value.VerdictDeadline,
        // by then it has begun, and a run takes minutes
        JobStatus.Queued or JobStatus.InProgress => (job.DispatchedAt ?? job.CreatedAt) + fal.Value.StartTimeout + jobs.Value.VerdictDeadline,
        _ when job.EndIsDisputed => job.DisputedAt + jobs.Value.VerdictDeadline,
        _ => null,
    };

    /// <summary>After this long a begun submit can no longer be in the air: whoever sent it has died.</summary>
    public TimeSpan SubmitLease => fal.Value.SubmitTimeout + TimeSpan.FromSeconds(30);

    private static TimeSpan Earlier(TimeSpan pause, TimeSpan left) => left > TimeSpan.Zero && left < pause ? left : pause;

    private static TimeSpan Clamp(TimeSpan pause) => pause < MinRetryPause ? MinRetryPause : pause > MaxRetryPause ? MaxRetryPause : pause;
}
