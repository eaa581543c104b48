using KlingProxy.Access.Credentials;
using KlingProxy.Fal.Queue;
using KlingProxy.Ids;
using KlingProxy.Jobs.Following;

namespace KlingProxy.Jobs.Canceling;

/// <summary>Asks for a job to be canceled. Only fal's result says whether it was. Every door ends here.</summary>
internal sealed class CancelJob(
    OwnJobs jobs, IJobStore store, ForwardCancellation forwardCancellation, JobFollower follower, ReconcileSchedule schedule, TimeProvider time)
{
    /// <returns>What can be said at once, and the job as it stands; <c>null</c> where the caller has none of this id.</returns>
    public async Task<(Cancellation Word, Job? Job)> Ask(JobId id, Caller caller, CancellationToken cancel)
    {
        if (await jobs.Find(id, caller, cancel) is not { } job)
            return (Cancellation.Unknown, null);
        if (job.HasEnded)
            return (Cancellation.AlreadyEnded, job);

        var now = time.GetUtcNow();
        var lookAt = job.CancelRequested(now) is { CancelIsPending: true } pending ? schedule.Next(pending, now) : default(DateTimeOffset?);
        var change = await store.Change(id, before => before.CanceledUnsent(now) ?? before.CancelRequested(now), lookAt);
        job = change?.Job ?? job;
        if (!job.IsUpstream)
            return (job.HasEnded ? Cancellation.Dropped : Cancellation.Requested, job);

        (var answer, job) = await forwardCancellation.Forward(job, cancel);
        if (answer == FalCancellation.Unavailable)
            return (Cancellation.NotTaken, job);
        follower.KeepFollowing(job);
        return (answer == FalCancellation.Dropped ? Cancellation.Dropped : Cancellation.Requested, job);
    }
}

/// <summary>What can be said of a wish to cancel before there is a verdict.</summary>
internal enum Cancellation
{
    /// <summary>No such job, or somebody else's.</summary>
    Unknown,

    AlreadyEnded,

    /// <summary>fal could not be asked; the job goes on, and so does the wish.</summary>
    NotTaken,

    Requested,

    /// <summary>It had not begun, and will not.</summary>
    Dropped,
}
