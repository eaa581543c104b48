using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Following;
using KlingProxy.Storage.Live;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Following;

/// <summary>Whoever is watched is followed, through bad moments too; whoever is not, is not.</summary>
public sealed class JobFollowerTests(JobFollowerTests.JobFollowerFixture proxy) : IClassFixture<JobFollowerTests.JobFollowerFixture>
{
    private const int BrokeOff = 1030, Unread = 1062;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private JobFollower Follower => proxy.Services.GetRequiredService<JobFollower>();

    [Fact]
    public async Task A_watcher_is_told_on_when_the_database_was_away()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        var run = caller.Call($"POST /fal/run/{FalCalls.Model}", order["input"]);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
        var id = Assert.Single((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray()).Text("id");
        var events = caller.AllEvents(id);
        using var stream = await caller.Call($"GET /fal/queue/{FalCalls.App}/requests/{id}/status/stream");
        var words = stream.Content.ReadAsStringAsync(Cancel);
        await proxy.Until(() => Streams(order) == 1);

        using (proxy.DatabaseAway())
        {
            proxy.FalClock.Advance(TimeSpan.FromSeconds(30)); // fal has news that cannot be written down
            await proxy.Until(() => Logged(BrokeOff) > 0);
            await proxy.TurnUntil(TimeSpan.FromSeconds(1), () => Logged(Unread) >= 6); // and watchers look for some
        }
        await proxy.TurnUntil(TimeSpan.FromMilliseconds(500), () => Streams(order) > 1); // not in the five minutes after which a webhook is missed
        proxy.LetJobsEnd();

        Assert.Equal("completed", (await proxy.End(events))[^1].Text("status"));
        Assert.Equal(200, await proxy.End(run).Status());
        Assert.Contains("COMPLETED", (await words).Split("data:")[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_is_followed_again_within_seconds()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        using var events = await caller.Call($"GET /v1/jobs/{id}/events");
        await proxy.Until(() => Streams(order) == 1);
        using (proxy.DatabaseAway())
        {
            var before = Logged(BrokeOff);
            proxy.FalClock.Advance(TimeSpan.FromSeconds(30));
            await proxy.Until(() => Logged(BrokeOff) > before);
        }

        var since = proxy.Clock.GetUtcNow();
        await proxy.TurnUntil(TimeSpan.FromMilliseconds(100), () => Streams(order) > 1);

        Assert.InRange(proxy.Clock.GetUtcNow() - since, TimeSpan.Zero, TimeSpan.FromSeconds(30)); // a busy machine turns the clock while the call is on its way
    }

    [Fact]
    public async Task A_follow_stops_after_its_last_watcher()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.OrderThat("stalls");
        var job = (await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId((await caller.Create(order)).Text("id")), Cancel))!;
        var (one, other) = (Follower.Watch(job), Follower.Watch(job));
        await proxy.Until(() => Streams(order) == 1);

        one.Dispose();
        proxy.Clock.Advance(TimeSpan.FromSeconds(25));
        Assert.True(Follower.Follows(job.Id));
        other.Dispose();
        proxy.Clock.Advance(TimeSpan.FromSeconds(19));
        Assert.True(Follower.Follows(job.Id)); // whoever polls comes back
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));

        await proxy.Until(() => !Follower.Follows(job.Id));
    }

    [Fact]
    public async Task A_watcher_who_comes_while_it_lingers_keeps_it()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.OrderThat("stalls");
        var job = (await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId((await caller.Create(order)).Text("id")), Cancel))!;
        Follower.KeepFollowing(job);
        await proxy.Until(() => Streams(order) == 1);

        proxy.Clock.Advance(TimeSpan.FromSeconds(19));
        using var late = Follower.Watch(job);
        proxy.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.True(Follower.Follows(job.Id));
    }

    [Fact]
    public async Task A_follow_that_broke_is_cleaned_up_when_nobody_watches_any_more()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        var job = (await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId((await caller.Create(order)).Text("id")), Cancel))!;
        var watcher = Follower.Watch(job);
        await proxy.Until(() => Streams(order) == 1);

        using (proxy.DatabaseAway())
        {
            var before = Logged(BrokeOff);
            proxy.FalClock.Advance(TimeSpan.FromSeconds(30));
            await proxy.Until(() => Logged(BrokeOff) > before);
            watcher.Dispose();
            await proxy.TurnUntil(TimeSpan.FromSeconds(1), () => !Follower.Follows(job.Id));
        }
    }

    private int Streams(System.Text.Json.Nodes.JsonNode order) =>
        proxy.SubmitsOf(order) == 1 && proxy.Fal.Jobs.Any(job => job.Input.Contains(order["input"]!["prompt"]!.GetValue<string>(), StringComparison.Ordinal)) ? proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Streams : 0;

    private int Logged(int eventId) => proxy.Log.Events.Count(line => line.Properties.TryGetValue("EventId", out var number) && number.ToString().Contains($"Id: {eventId}", StringComparison.Ordinal));

    /// <summary>fal can call, so that the service asks by itself only in minutes.</summary>
    public sealed class JobFollowerFixture : TimedFixture
    {
        protected override bool IsPublic => true;

        /// <summary>No job can be read or written until the returned value is disposed.</summary>
        public IDisposable DatabaseAway()
        {
            Execute("ALTER TABLE jobs RENAME TO jobs_that_are_away");
            Services.GetRequiredService<LiveState>().DropAll(); // of a job that is remembered nobody would notice
            return new Return(() => Execute("ALTER TABLE jobs_that_are_away RENAME TO jobs"));
        }

        private void Execute(string sql)
        {
            using var file = LedgerOf.Open(DatabaseFile);
            using var command = file.CreateCommand();
#pragma warning disable CA2100 // the text is this world's own
            command.CommandText = sql;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }

        private sealed class Return(Action back) : IDisposable
        {
            public void Dispose() => back();
        }
    }
}
