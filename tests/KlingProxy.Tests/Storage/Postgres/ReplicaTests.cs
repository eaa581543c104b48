using KlingProxy.Ids;
using KlingProxy.Jobs.Following;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Storage.Postgres;

/// <summary>Two replicas on one PostgreSQL are one service: whoever calls cannot tell them apart.</summary>
public sealed class ReplicaTests(ReplicaFixture replicas) : IClassFixture<ReplicaFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_main_job_is_done()
    {
        using var caller = await replicas.NewCaller();

        await MainJob.Do(caller, Cancel, replicas.LetJobsEnd);
    }

    [Fact]
    public async Task What_one_made_the_other_knows()
    {
        var secret = await replicas.NewKey();
        using var here = replicas.With(secret);
        using var elsewhere = replicas.Other.With(secret);

        var job = await here.Create();
        var seen = await elsewhere.Call($"GET /v1/jobs/{job.Text("id")}").Json();
        var events = elsewhere.AllEvents(job.Text("id"));
        replicas.LetJobsEnd();

        Assert.Equal(job.Text("id"), seen.Text("id"));
        Assert.Equal("completed", (await replicas.End(events))[^1].Text("status"));
        using var anyone = replicas.Other.Anyone();
        var link = new Uri((await here.Call($"GET /v1/jobs/{job.Text("id")}").Json()).GetProperty("links").Text("video"));
        Assert.Equal(200, await anyone.Call($"GET {link.PathAndQuery}").Status());
        Assert.Equal([job.Text("id")], (await elsewhere.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray().Select(listed => listed.Text("id")));
        Assert.Equal(204, await elsewhere.Call($"DELETE /v1/jobs/{job.Text("id")}").Status());
        await replicas.Until(async () => await here.Call($"GET /v1/jobs/{job.Text("id")}").Status() == 404);
    }

    [Fact]
    public async Task A_key_that_one_revokes_opens_nothing_at_the_other()
    {
        using var operators = replicas.Operator();
        var key = await operators.Call("POST /v1/keys", new System.Text.Json.Nodes.JsonObject { ["name"] = "to be revoked", ["scopes"] = new System.Text.Json.Nodes.JsonArray("jobs") }).Json();
        using var elsewhere = replicas.Other.With(key.Text("key"));
        Assert.Equal(200, await elsewhere.Call("GET /v1/jobs").Status());

        Assert.Equal(204, await operators.Call($"DELETE /v1/keys/{key.Text("id")}").Status());

        await replicas.Other.Until(async () => await elsewhere.Call("GET /v1/jobs").Status() == 401); // how long at most, DeafReplicaTests tells
    }

    [Fact]
    public async Task A_key_that_one_narrows_may_no_more_at_the_other()
    {
        using var operators = replicas.Operator();
        var key = await operators.Call("POST /v1/keys", new System.Text.Json.Nodes.JsonObject { ["name"] = "to be narrowed", ["scopes"] = new System.Text.Json.Nodes.JsonArray("jobs") }).Json();
        using var elsewhere = replicas.Other.With(key.Text("key"));
        Assert.Equal(200, await elsewhere.Call("GET /v1/jobs").Status());

        Assert.Equal(200, await operators.Call($"PATCH /v1/keys/{key.Text("id")}", new System.Text.Json.Nodes.JsonObject { ["scopes"] = new System.Text.Json.Nodes.JsonArray("tickets"), ["budget_total"] = "2" }).Status());
        await replicas.Other.Until(async () => await elsewhere.Call("GET /v1/jobs").Status() == 403); // how long at most, DeafReplicaTests tells

        Assert.Equal(200, await operators.Call($"PATCH /v1/keys/{key.Text("id")}", new System.Text.Json.Nodes.JsonObject { ["scopes"] = new System.Text.Json.Nodes.JsonArray("jobs") }).Status());
        await replicas.Other.Until(async () => await elsewhere.Call("POST /v1/jobs", Given.Order()).Status() == 402);
    }

    [Fact]
    public async Task One_idempotency_key_a_hundred_times_through_both_is_one_video()
    {
        var secret = await replicas.NewKey();
        using var here = replicas.With(secret);
        using var elsewhere = replicas.Other.With(secret);
        var order = Given.Order();

        var jobs = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => (number % 2 == 0 ? here : elsewhere).Call("POST /v1/jobs", order, ("Idempotency-Key", "one")).Json()));

        Assert.Single(jobs.Select(job => job.Text("id")).Distinct());
        Assert.Equal(1, replicas.SubmitsOf(order));
    }

    [Fact]
    public async Task Each_hears_what_the_other_wrote()
    {
        using var caller = await replicas.NewCaller();
        var job = (await caller.Create()).Text("id");
        using var watch = replicas.Other.Services.GetRequiredService<JobSignals>().On(new JobId(job));

        replicas.LetJobsEnd();
        await watch.Next(Timeout.InfiniteTimeSpan, Cancel).Within("the other replica's announcement was heard", replicas.Stand); // no nap to wake up from: without the announcement it would wait for ever

        await replicas.End(caller, job);
    }
}
