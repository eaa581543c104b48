using System.Buffers;

using KlingProxy.Ids;

namespace KlingProxy.Jobs.Watching;

/// <summary>One job that somebody watches: looks into the store when it may have changed, once for all, and tells everybody.</summary>
internal sealed class JobFeed(JobId jobId, IJobStore store, PatientReads reads) : OneAtATime, IThreadPoolWorkItem
{
    private readonly HashSet<IJobSubscriber> subscribers = [];
    private volatile JobNews? latest;
    private volatile bool isGone;
    private int isUnread;

    public JobId JobId => jobId;

    /// <summary><c>null</c> until the first look has found something.</summary>
    public JobNews? Latest => latest;

    /// <summary>The job was deleted.</summary>
    public bool IsGone => isGone;

    /// <summary>The store did not answer when it was asked last, by this or by a subscriber.</summary>
    public bool IsUnread => Volatile.Read(ref isUnread) != 0;

    /// <summary>How many there are.</summary>
    public int Subscribers
    {
        get
        {
            lock (subscribers)
                return subscribers.Count;
        }
    }

    public void Add(IJobSubscriber subscriber)
    {
        lock (subscribers)
            subscribers.Add(subscriber);
    }

    public void Remove(IJobSubscriber subscriber)
    {
        lock (subscribers)
            subscribers.Remove(subscriber);
    }

    /// <summary>Something may have changed: somebody looks soon, and not the one who says so, who has an answer to give.</summary>
    public void Look() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>What a subscriber wanted to read itself could not be read: all are told again when the store answers.</summary>
    public void Unread() => Volatile.Write(ref isUnread, 1);

    public void ToAll(Action<IJobSubscriber> say)
    {
        IJobSubscriber[] all;
        int count;
        lock (subscribers)
        {
            count = subscribers.Count;
            all = ArrayPool<IJobSubscriber>.Shared.Rent(count);
            subscribers.CopyTo(all);
        }
        foreach (var subscriber in all.AsSpan(0, count))
            say(subscriber);
        ArrayPool<IJobSubscriber>.Shared.Return(all, clearArray: true);
    }

    void IThreadPoolWorkItem.Execute() => Ask(1);

    protected override async ValueTask<bool> Do(int what)
    {
        if (!await IsNew())
            return true;
        ToAll(subscriber => subscriber.Tell(this));
        await Task.Yield(); // behind the server's own work, which sends what was said
        ToAll(subscriber => subscriber.Told());
        return true;
    }

    protected override void Over(Exception? error)
    {
        // Not expected: PatientReads lets no error of the store through, and subscribers keep theirs. Nobody shall wait for news that no longer come.
        ToAll(subscriber => subscriber.Stop());
    }

    private async Task<bool> IsNew()
    {
        var (before, isOwed) = (latest, Interlocked.Exchange(ref isUnread, 0) != 0);
        var (answered, job) = await reads.Try(jobId, () => store.Find(jobId, CancellationToken.None), CancellationToken.None);
        IReadOnlyList<JobEvent>? events = [];
        if (answered && job is not null && before is not null && job.Version > before.Job.Version)
            (answered, events) = await reads.Try(jobId, () => store.Events(jobId, before.Job.Version, CancellationToken.None)!, CancellationToken.None);
        if (!answered)
        {
            Unread();
            return false;
        }
        isGone = job is null;
        if (job is not null && !ReferenceEquals(job, before?.Job)) // an event that came between the two is left to the next look, which its signal asks for
            latest = new JobNews(job, before?.Job.Version ?? job.Version, [.. events!.Where(happened => happened.Sequence <= job.Version)]);
        return isGone || isOwed || latest != before;
    }
}

/// <summary>Whoever watches a job: has a place in its feed's list, and is told there. No call may wait for anything.</summary>
internal interface IJobSubscriber
{
    /// <summary>There is news, which the feed holds.</summary>
    void Tell(JobFeed feed);

    /// <summary>
    /// All have been told. Whoever ends with that ends now: taking down the first connections shall not keep the last ones waiting for the word.
    /// </summary>
    void Told();

    /// <summary>This process stops: say what there is to say, and go.</summary>
    void Stop();
}
