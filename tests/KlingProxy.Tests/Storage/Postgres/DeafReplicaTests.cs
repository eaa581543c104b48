using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Sandbox;
using KlingProxy.Storage.Live;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Storage.Postgres;

/// <summary>A replica that no longer hears what the others write does not know it at first; what it remembers is believed for as long as is promised.</summary>
public sealed class DeafReplicaTests(DeafReplicaTests.Replicas replicas) : IClassFixture<DeafReplicaTests.Replicas>
{
    [Fact]
    public async Task Answers_nothing_older_than_a_second_however_long_it_hears_nothing()
    {
        using var boss = replicas.Operator();
        var key = await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "to be revoked", ["scopes"] = new JsonArray("jobs") }).Json();
        using var there = replicas.With(key.Text("key"));
        using var here = replicas.Deaf.With(key.Text("key"));
        var job = (await there.Create()).Text("id");
        var live = replicas.Deaf.Services.GetRequiredService<LiveState>();
        await replicas.Deaf.Until(async () =>
            await here.Call($"GET /v1/jobs/{job}").Status() == 200 && live.Jobs.Kept(job) is not null && live.Keys.Kept(key.Text("id")) is not null);

        replicas.Wire.IsQuiet = true;
        await replicas.End(there, job);
        replicas.Deaf.Clock.Advance(LiveTrust.Promise);
        var seen = await here.Call($"GET /v1/jobs/{job}").Json();
        Assert.Equal(204, await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status());
        var opened = await here.Call($"GET /v1/jobs/{job}").Status();

        Assert.Equal("completed", seen.Text("status"));
        Assert.Equal(401, opened); // it believes nothing any more, so not even a second is needed
        Assert.Null(live.Jobs.Kept(job));

        replicas.Wire.IsQuiet = false;
        await replicas.Deaf.TurnUntil(TimeSpan.FromSeconds(5), () => replicas.Deaf.Services.GetRequiredService<LiveTrust>().Holds);
        Assert.Equal(401, await here.Call($"GET /v1/jobs/{job}").Status());
    }

    [Fact]
    public async Task A_key_that_was_narrowed_opens_there_for_no_longer_than_a_revoked_one_and_spends_nothing_at_all()
    {
        using var boss = replicas.Operator();
        var key = await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "to be narrowed", ["scopes"] = new JsonArray("jobs") }).Json();
        using var here = replicas.Deaf.With(key.Text("key"));
        var live = replicas.Deaf.Services.GetRequiredService<LiveState>();
        await replicas.Deaf.Until(async () => await here.Call("GET /v1/jobs").Status() == 200 && live.Keys.Kept(key.Text("id")) is not null);

        replicas.Wire.IsQuiet = true;
        Assert.Equal(200, await boss.Call($"PATCH /v1/keys/{key.Text("id")}", new JsonObject { ["budget_total"] = "2" }).Status());
        var bought = await here.Call("POST /v1/jobs", Given.Order()).Status(); // whatever it remembers: that is asked in the transaction
        Assert.Equal(200, await boss.Call($"PATCH /v1/keys/{key.Text("id")}", new JsonObject { ["scopes"] = new JsonArray("tickets") }).Status());
        replicas.Deaf.Clock.Advance(LiveTrust.Promise);
        var opened = await here.Call("GET /v1/jobs").Status();

        Assert.Equal((402, 403), (bought, opened));
        replicas.Wire.IsQuiet = false;
        await replicas.Deaf.TurnUntil(TimeSpan.FromSeconds(5), () => replicas.Deaf.Services.GetRequiredService<LiveTrust>().Holds);
    }

    [Fact]
    public async Task Refuses_nothing_as_unfinished_whose_end_another_has_told()
    {
        using var there = replicas.With(await replicas.NewKey());
        using var here = replicas.Deaf.With(there.DefaultRequestHeaders.Authorization!.Parameter!);
        var job = (await there.Create()).Text("id");
        var live = replicas.Deaf.Services.GetRequiredService<LiveState>();
        await replicas.Deaf.Until(async () => await here.Call($"GET /v1/jobs/{job}").Status() == 200 && live.Jobs.Kept(job) is not null);

        replicas.Wire.IsQuiet = true;
        await replicas.End(there, job);
        var result = await here.Call($"GET /fal/queue/fal-ai/kling-video/requests/{job}").Status();
        var events = (await here.Call($"GET /v1/jobs/{job}/events", null, ("Accept", "application/json")).Json()).GetProperty("data").EnumerateArray().ToList();
        var video = await here.Call($"GET /v1/jobs/{job}/video").Status();
        var deleted = await here.Call($"DELETE /v1/jobs/{job}").Status();

        Assert.Equal((200, 200, 204), (result, video, deleted));
        Assert.Equal(("completed", JsonValueKind.Object), (events[^1].Text("status"), events[^1].GetProperty("video").ValueKind)); // read before the job was
        replicas.Wire.IsQuiet = false;
        await replicas.Deaf.TurnUntil(TimeSpan.FromSeconds(5), () => replicas.Deaf.Services.GetRequiredService<LiveTrust>().Holds);
    }

    [Fact]
    public async Task Stores_the_end_that_fal_delivers_whatever_it_remembers_of_the_job()
    {
        using var there = replicas.With(await replicas.NewKey());
        using var fal = replicas.Deaf.Anyone();
        var order = Given.OrderThat("loses-webhook"); // this test delivers it
        var job = (await there.Create(order)).Text("id");
        var (services, id) = (replicas.Deaf.Services, new JobId(job));
        await replicas.Deaf.Until(() => services.GetRequiredService<LiveTrust>().Holds);
        var taken = (await services.GetRequiredService<IJobStore>().FindNow(id, TestContext.Current.CancellationToken))!;
        var before = services.GetRequiredService<LiveState>().Jobs.Write(job, new LiveJob(JobDocument.Text(taken with { Status = JobStatus.Submitting, RequestId = null })));
        before.Hold();
        before.Release(isCommitted: true); // what it had heard of last

        replicas.Wire.IsQuiet = true;
        replicas.LetJobsEnd();
        var delivery = Delivery.About(replicas.AtFal(order).RequestId) with { At = replicas.Deaf.Clock.GetUtcNow() }; // other tests have turned it
        using var reply = await fal.SendAsync(delivery.To(services.GetRequiredService<WebhookAddress>().For(id)!.PathAndQuery), TestContext.Current.CancellationToken);
        var stored = await services.GetRequiredService<IJobStore>().FindNow(id, TestContext.Current.CancellationToken);

        Assert.Equal((200, JobStatus.Completed), ((int)reply.StatusCode, stored?.Status)); // fal, which heard 200, never tells again
        replicas.Wire.IsQuiet = false;
        await replicas.Deaf.TurnUntil(TimeSpan.FromSeconds(5), () => services.GetRequiredService<LiveTrust>().Holds);
    }

    /// <summary>One that hears, and one behind a wire that can fall silent, whose clock a test turns.</summary>
    public sealed class Replicas : PostgresFixture
    {
        private readonly DeafFixture deaf;

        public Replicas() => deaf = new DeafFixture(this);

        internal QuietWire Wire { get; private set; } = null!;

        public TimedFixture Deaf => deaf;

        protected override bool IsPublic => true;

        protected override SandboxOptions FalOptions => base.FalOptions with { SigningSeed = PublicFixture.Seed };

        public override async ValueTask InitializeAsync()
        {
            await base.InitializeAsync();
            if (IsMissing)
                return;
            Wire = new QuietWire(Connection);
            await deaf.InitializeAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await deaf.DisposeAsync();
            await (Wire?.DisposeAsync() ?? ValueTask.CompletedTask);
            await base.DisposeAsync();
        }

        private sealed class DeafFixture(Replicas others) : TimedFixture
        {
            protected override bool IsPublic => true;

            protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Storage:Postgres", others.Wire.Connection)];

            protected override Task<FalSandbox> StartFal() => Task.FromResult(others.Fal);
        }
    }
}
