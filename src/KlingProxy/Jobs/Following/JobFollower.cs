using KlingProxy.Fal.Queue;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Jobs.Following;

/// <summary>One upstream follow per watched job, however many watch: fal's status stream, or polls where it will not stay open.</summary>
internal sealed partial class JobFollower(
    IJobStore store, JobSignals signals, FalQueue queue, FalStatusStream stream, ObserveJob observe, CompleteJob complete,
    IOptions<JobOptions> options, TimeProvider time, ILogger<JobFollower> logger) : IDisposable
{
    /// <summary>Before a follow that broke goes on.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Dictionary<JobId, Follow> follows = [];

    public bool Follows(JobId jobId)
    {
        lock (gate)
            return follows.ContainsKey(jobId);
    }

    /// <summary>Somebody watches until the returned value is disposed.</summary>
    public IDisposable Watch(Job job)
    {
        if (job.HasEnded)
            return Nothing.ToFollow;
        lock (gate)
        {
            if (!follows.TryGetValue(job.Id, out var follow) || follow.Stop.IsCancellationRequested)
            {
                follow = follows[job.Id] = new Follow(gate, options.Value.FollowLinger, time);
                _ = Task.Run(() => Run(job, follow));
            }
            follow.Join();
            return follow;
        }
    }

    /// <summary>Somebody looked once, and will probably look again.</summary>
    public void KeepFollowing(Job job) => Watch(job).Dispose();

    public void Dispose()
    {
        lock (gate)
            foreach (var follow in follows.Values)
                follow.Stop.Cancel();
    }

    private async Task Run(Job watched, Follow follow)
    {
        var jobId = watched.Id;
        using var scope = RequestScope.Begin(logger, watched.CreatedBy, jobId); // not that of whoever watches first, since more may come
        using var watch = signals.On(jobId);
        try
        {
            while (await Step(jobId, follow.Stop.Token) is { } pause)
                await watch.Next(pause, follow.Stop.Token);
        }
        catch (OperationCanceledException) when (follow.Stop.IsCancellationRequested)
        {
            // Nobody watches any more.
        }
        finally
        {
            lock (gate)
                if (follows.TryGetValue(jobId, out var current) && current == follow)
                    follows.Remove(jobId);
        }
    }

    /// <returns>How long to wait before the next; <c>null</c> when there is nothing left to follow.</returns>
    private async Task<TimeSpan?> Step(JobId jobId, CancellationToken stop)
    {
        try
        {
            return await store.Find(jobId, stop) is { HasEnded: false } job && !await CatchUp(job, stop) ? options.Value.PollInterval : null;
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            LogBroken(jobId, error);
            return Breath; // whoever is watched is followed: the reconciler may come by only in minutes
        }
    }

    /// <returns>Whether the job ended.</returns>
    private async Task<bool> CatchUp(Job job, CancellationToken cancel)
    {
        if (job.RequestId is not { } requestId)
            return false;
        if (job.Status == JobStatus.Finalizing)
            return await complete.Complete(job.Id, cancel) is { HasEnded: true };

        await foreach (var status in stream.Follow(job.Model, requestId, cancel))
            job = await observe.Observe(job, status, cancel);
        if (job.IsUpstream && job.Status != JobStatus.Finalizing) // the stream broke off: ask
            job = await observe.Observe(job, await queue.Status(job.Model, requestId, cancel), cancel);
        return job.HasEnded;
    }

    [LoggerMessage(1030, LogLevel.Warning, "Following job {JobId} broke off; it goes on in a moment")]
    private partial void LogBroken(string jobId, Exception error);

    private sealed class Nothing : IDisposable
    {
        public static readonly Nothing ToFollow = new();

        public void Dispose()
        {
            // Nothing was begun.
        }
    }

    private sealed class Follow(Lock gate, TimeSpan linger, TimeProvider time) : IDisposable
    {
        private int watchers;
        private ITimer? lingering;

        // Never disposed: a late watcher may still look at it.
        public CancellationTokenSource Stop { get; } = new();

        public void Join() => watchers++;

        public void Dispose()
        {
            lock (gate)
            {
                if (--watchers > 0)
                    return;
                lingering ??= time.CreateTimer(_ => StopUnlessWatched(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                lingering.Change(linger, Timeout.InfiniteTimeSpan);
            }
        }

        // Decided where watchers are counted: whoever comes at the last moment keeps it, or finds it stopped and starts another.
        private void StopUnlessWatched()
        {
            lock (gate)
                if (watchers == 0)
                    _ = Stop.CancelAsync();
        }
    }
}
