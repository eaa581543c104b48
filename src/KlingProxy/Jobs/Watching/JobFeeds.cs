using KlingProxy.Ids;
using KlingProxy.Jobs.Following;

namespace KlingProxy.Jobs.Watching;

/// <summary>
/// All jobs that somebody watches, each with its one feed: a change is read from the store once, encoded once for each form, and written to everybody.
/// <code>
///   SqlJobStore ─┐ JobSignals       JobFeed of job_1                      its list
///   Postgres…  ──┴─► Changed(job_1) ─► one look: Find, Events(after) ──┬─► JobEventStream  (/v1/jobs/job_1/events)
///   SpreadTimer, each few seconds ─►   JobNews: the job, its new       ├─► JobEventStream
///     (for a signal that was lost)     events, and their bytes,        ├─► CompatStatusStream  (fal's status/stream)
///                                      made when the first asks        └─► AwaitJob  (Prefer: wait, fal.run)
///
///   SpreadTimer of each kind of stream ─► a heartbeat to its next share of all streams: no look, no task, no timer of their own
/// </code>
/// A subscriber that comes late or was too slow for the last news sees by the numbers of events what it lacks, reads that from the store for itself, and is
/// with the others again: nothing queues up for it, and nobody waits for it.
/// </summary>
internal sealed class JobFeeds : IDisposable
{
    /// <summary>How long a lost signal can go unnoticed: another replica may have made the change.</summary>
    public static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly Dictionary<JobId, Watched> feeds = [];
    private readonly SpreadTimer<JobFeed> looks, patientLooks;
    private readonly IJobStore store;
    private readonly PatientReads reads;
    private readonly JobSignals signals;
    private readonly CancellationToken stopping;

    public JobFeeds(IJobStore store, PatientReads reads, JobSignals signals, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        (this.store, this.reads, this.signals, stopping) = (store, reads, signals, lifetime.ApplicationStopping);
        looks = new(MaxSilence, time, feed => feed.Look());
        patientLooks = new(PatientReads.Pause, time, feed =>
        {
            if (feed.IsUnread)
                feed.Look();
        });
        stopping.Register(Stop);
    }

    /// <summary>How many jobs are watched.</summary>
    public int Watching
    {
        get
        {
            lock (gate)
                return feeds.Count;
        }
    }

    /// <summary>Tells the subscriber of each change from now on, and at once of what is known.</summary>
    public Place Join(JobId jobId, IJobSubscriber subscriber)
    {
        JobFeed feed;
        lock (gate)
        {
            if (!feeds.TryGetValue(jobId, out var watched))
                feeds[jobId] = watched = Watch(jobId);
            feed = watched.Feed;
            feed.Add(subscriber);
        }
        if (feed.Latest is not null)
        {
            subscriber.Tell(feed);
            subscriber.Told();
        }
        if (stopping.IsCancellationRequested)
            subscriber.Stop();
        return new Place(this, feed, subscriber);
    }

    public void Dispose()
    {
        looks.Dispose();
        patientLooks.Dispose();
    }

    private Watched Watch(JobId jobId)
    {
        var feed = new JobFeed(jobId, store, reads);
        var watched = new Watched(feed, signals.On(jobId, feed.Look), looks.Add(feed), patientLooks.Add(feed));
        feed.Look(); // after it listens for signals, or a change could slip between the two
        return watched;
    }

    private void Leave(JobFeed feed, IJobSubscriber subscriber)
    {
        Watched watched;
        lock (gate)
        {
            feed.Remove(subscriber);
            if (feed.Subscribers > 0 || !feeds.TryGetValue(feed.JobId, out watched) || watched.Feed != feed)
                return;
            feeds.Remove(feed.JobId);
        }
        watched.End();
    }

    private void Stop()
    {
        List<JobFeed> all;
        lock (gate)
            all = [.. feeds.Values.Select(watched => watched.Feed)];
        foreach (var feed in all)
            feed.ToAll(subscriber => subscriber.Stop());
    }

    /// <summary>A place in the list of a feed.</summary>
    public readonly struct Place(JobFeeds feeds, JobFeed feed, IJobSubscriber subscriber) : IDisposable
    {
        public void Dispose() => feeds.Leave(feed, subscriber);
    }

    private readonly record struct Watched(
        JobFeed Feed, IDisposable Signals, SpreadTimer<JobFeed>.Member Looks, SpreadTimer<JobFeed>.Member PatientLooks)
    {
        public void End()
        {
            Signals.Dispose();
            Looks.Dispose();
            PatientLooks.Dispose();
        }
    }
}
