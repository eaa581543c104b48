using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Following;
using KlingProxy.Jobs.Watching;
using KlingProxy.Storage.Live;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Contracts;
using KlingProxy.Tests.Storage.Sqlite;

using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Jobs.Watching;

/// <summary>Whoever watches a job is told of each change, by one look for all, on a real file and a clock that stands still.</summary>
public sealed class JobFeedsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new();
    private readonly ApplicationLifetime lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly LiveState live = new(LiveTrust.OfOwner);
    private SqliteFixture sqlite = null!;
    private IJobStore store = null!;
    private JobFeeds feeds = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        sqlite = await SqliteFixture.Open(SqliteFixture.NewFile());
        var signals = new JobSignals(clock);
        store = new SqlJobStore(sqlite.Database, live, signals, clock);
        feeds = new JobFeeds(store, new PatientReads(NullLogger<PatientReads>.Instance), signals, clock, lifetime);
    }

    public async ValueTask DisposeAsync()
    {
        feeds.Dispose();
        await sqlite.DisposeAsync();
    }

    [Fact]
    public async Task Tell_all_of_a_change_by_one_look()
    {
        var job = await New();
        var watchers = Enumerable.Range(0, 50).Select(_ => new Watcher()).ToList();
        foreach (var watcher in watchers)
            feeds.Join(job, watcher);
        await Task.WhenAll(watchers.Select(watcher => watcher.Knows(1)));

        await Move(store, job, 7);

        var news = await Task.WhenAll(watchers.Select(watcher => watcher.Knows(2)));
        Assert.All(news, its => Assert.Same(news[0], its)); // what a look found, and its bytes, are the same for all
        Assert.Equal(1, news[0].After);
        Assert.Equal([2L], news[0].Events.Select(happened => happened.Sequence));
    }

    [Fact]
    public async Task Make_a_form_once()
    {
        var (job, watcher, made) = (await New(), new Watcher(), 0);
        feeds.Join(job, watcher);
        var news = await watcher.Knows(1);

        var bytes = Enumerable.Range(0, 5).Select(_ => news.In(new Form(1), (_, _) => new[] { (byte)++made })).ToList();
        var other = news.In(new Form(2), (_, _) => new[] { (byte)++made });

        Assert.All(bytes, its => Assert.Same(bytes[0], its));
        Assert.Equal([1, 2], [bytes[0][0], other[0]]);
    }

    [Fact]
    public async Task Find_within_seconds_what_no_signal_told()
    {
        var (job, watcher) = (await New(), new Watcher());
        feeds.Join(job, watcher);
        await watcher.Knows(1);

        await Move(sqlite.Jobs, job, 7); // as another replica would, whose announcement is not heard: then nothing that is remembered is believed
        live.DropAll();
        clock.Advance(JobFeeds.MaxSilence);

        await watcher.Knows(2);
    }

    [Fact]
    public async Task Tell_who_comes_late_at_once()
    {
        var (job, first, late) = (await New(), new Watcher(), new Watcher());
        feeds.Join(job, first);
        var news = await first.Knows(1);

        feeds.Join(job, late);

        Assert.Same(news, late.Latest);
    }

    [Fact]
    public async Task Tell_of_a_job_that_is_deleted()
    {
        var (job, watcher) = (await New(), new Watcher());
        feeds.Join(job, watcher);
        await watcher.Knows(1);

        await sqlite.Execute("DELETE FROM jobs");
        live.DropAll();
        clock.Advance(JobFeeds.MaxSilence);

        await watcher.Gone.Within();
    }

    [Fact]
    public async Task Forget_a_job_with_its_last_watcher()
    {
        var job = await New();
        var (one, other) = (feeds.Join(job, new Watcher()), feeds.Join(job, new Watcher()));

        one.Dispose();
        one.Dispose();
        Assert.Equal(1, feeds.Watching);
        other.Dispose();
        Assert.Equal(0, feeds.Watching);
    }

    [Fact]
    public async Task Tell_everybody_that_the_process_stops_also_who_comes_then()
    {
        var (job, watcher, late) = (await New(), new Watcher(), new Watcher());
        feeds.Join(job, watcher);

        lifetime.StopApplication();
        feeds.Join(job, late);

        Assert.True(watcher.IsStopped && late.IsStopped);
    }

    private async Task<JobId> New()
    {
        var job = JobStoreContract.NewJob();
        await store.Add(job, null, Given.Rich, Cancel);
        return job.Id;
    }

    private static Task Move(IJobStore store, JobId job, long position) => store.Change(job, before => before with { QueuePosition = position });

    private sealed record Form(int Number) : IForm
    {
        public string? Address => null;
    }

    private sealed class Watcher : IJobSubscriber
    {
        private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource change = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public JobNews? Latest { get; private set; }

        public bool IsStopped { get; private set; }

        public Task Gone => gone.Task;

        public async Task<JobNews> Knows(long version)
        {
            while (true)
            {
                var next = Volatile.Read(ref change).Task;
                if (Latest is { } news && news.Job.Version >= version)
                    return news;
                await next.Within();
            }
        }

        public void Tell(JobFeed feed)
        {
            if (feed.IsGone)
                gone.TrySetResult();
            Latest = feed.Latest;
            Interlocked.Exchange(ref change, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        }

        public void Told()
        {
            // It goes on.
        }

        public void Stop() => IsStopped = true;
    }
}
