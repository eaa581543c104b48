using KlingProxy.Jobs.Following;

namespace KlingProxy.Jobs.Watching;

/// <summary>Waits for a job to get somewhere: at most for a time, and not beyond the end of this process.</summary>
internal sealed class AwaitJob(IJobStore store, PatientReads reads, JobFeeds feeds, JobFollower follower, TimeProvider time)
{
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
        if (atMost > TimeSpan.Zero)
        {
            var waiting = new Waiting(isReached);
            using var place = feeds.Join(job.Id, waiting);
            await using var timer = time.CreateTimer(state => ((Waiting)state!).Stop(), waiting, atMost, Timeout.InfiniteTimeSpan);
            await using var hangUp = cancel.UnsafeRegister(static (state, token) => ((Waiting)state!).HangUp(token), waiting);
            if (await waiting.Reached is { } reached)
                return reached;
        }
        return (await reads.Try(job.Id, () => store.Find(job.Id, cancel), cancel)).Found ?? job;
    }

    private sealed class Waiting(Func<Job, bool> isReached) : IJobSubscriber
    {
        private readonly TaskCompletionSource<Job?> reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary><c>null</c> when nobody waits any longer for what is not reached.</summary>
        public Task<Job?> Reached => reached.Task;

        public void Tell(JobFeed feed)
        {
            if (feed.IsGone)
                Stop();
            else if (feed.Latest is { } news && isReached(news.Job))
                reached.TrySetResult(news.Job);
        }

        public void Told()
        {
            // It was told, and is on its way.
        }

        public void Stop() => reached.TrySetResult(null);

        public void HangUp(CancellationToken token) => reached.TrySetCanceled(token);
    }
}
