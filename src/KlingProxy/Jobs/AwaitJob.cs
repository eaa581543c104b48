namespace KlingProxy.Jobs;

/// <summary>Waits for a job to get somewhere, watching it upstream meanwhile.</summary>
internal sealed class AwaitJob(IJobStore store, JobSignals signals, JobFollower follower, TimeProvider time)
{
    /// <summary>How long a lost signal can go unnoticed: another replica may have made the change.</summary>
    private static readonly TimeSpan LongestNap = TimeSpan.FromSeconds(5);

    /// <returns>The job when it is there, or as it stands when the time is up.</returns>
    public async Task<Job> Until(Func<Job, bool> there, Job job, TimeSpan atMost, CancellationToken cancel)
    {
        if (atMost <= TimeSpan.Zero || there(job))
            return job;

        var until = time.GetUtcNow() + atMost;
        using var watch = signals.On(job.Id);
        using var follow = follower.Watch(job);
        while (await store.Find(job.Id, cancel) is { } now)
        {
            job = now;
            var left = until - time.GetUtcNow();
            if (there(job) || left <= TimeSpan.Zero)
                break;
            await watch.Next(left < LongestNap ? left : LongestNap, cancel);
        }
        return job;
    }
}
