namespace KlingProxy.Jobs.Following;

/// <summary>Waits for a job to get somewhere: at most for a time, and not beyond the end of this process.</summary>
internal sealed class AwaitJob(
    IJobStore store, PatientReads reads, JobSignals signals, JobFollower follower, TimeProvider time, IHostApplicationLifetime lifetime)
{
    /// <summary>How long a lost signal can go unnoticed: another replica may have made the change.</summary>
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    /// <returns>The job when fal has answered its submit, or as it stands when the time is up.</returns>
    public Task<Job> Dispatched(Job job, TimeSpan atMost, CancellationToken cancel) =>
        Until(current => current.Status != JobStatus.Submitting, job, atMost, cancel);

    /// <returns>The job when it has ended, or as it stands when the time is up. Meanwhile it is followed upstream.</returns>
    public async Task<Job> Ended(Job job, TimeSpan atMost, CancellationToken cancel)
    {
        if (job.HasEnded || atMost <= TimeSpan.Zero)
            return job;
        using var follow = follower.Watch(job);
        return await Until(current => current.HasEnded, job, atMost, cancel);
    }

    private async Task<Job> Until(Func<Job, bool> isReached, Job job, TimeSpan atMost, CancellationToken cancel)
    {
        var until = time.GetUtcNow() + atMost;
        using var watch = signals.On(job.Id);
        using var stopping = lifetime.ApplicationStopping.Register(watch.Wake);
        while (true)
        {
            var (answered, current) = await reads.Try(job.Id, () => store.Find(job.Id, cancel), cancel);
            job = current ?? job;
            var (left, nap) = (until - time.GetUtcNow(), answered ? MaxPause : PatientReads.Pause);
            if ((answered && (current is null || isReached(current))) || left <= TimeSpan.Zero || lifetime.ApplicationStopping.IsCancellationRequested)
                return job;
            await watch.Next(left < nap ? left : nap, cancel);
        }
    }
}
