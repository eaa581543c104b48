using System.Text.Json;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Canceling;

public sealed class CancelJobTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task Cancels_for_nothing_while_it_is_queued()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");

        Assert.Equal(202, await caller.Call($"POST /v1/jobs/{id}/cancel").Status());
        var job = await caller.Ended(id);

        Assert.Equal(("canceled", "0.00"), (job.Text("status"), job.Text("cost")));
        Assert.Equal(0, proxy.AtFal(order).Billed.Amount);
        Assert.Equal(1, proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Cancels);
    }

    [Fact]
    public async Task Asks_for_it_while_it_runs_and_counts_on_being_billed()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");
        proxy.FalClock.Advance(TimeSpan.FromSeconds(30));
        await caller.Reaches(id, "in_progress");

        using var reply = await caller.Call($"POST /v1/jobs/{id}/cancel");
        var job = await caller.Ended(id);

        Assert.Equal(202, (int)reply.StatusCode);
        var asked = await reply.Json();
        Assert.Equal((id, JsonValueKind.Null), (asked.Text("id"), asked.GetProperty("links").GetProperty("cancel").ValueKind));
        Assert.Equal(asked.Text("cancel_requested_at"), job.Text("cancel_requested_at"));
        Assert.Equal(("canceled", "2.10", true), (job.Text("status"), job.Text("cost"), job.GetProperty("cost_is_estimated").GetBoolean()));
    }

    [Fact]
    public async Task Frees_a_job_that_would_wait_for_ever()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("stalls"))).Text("id");
        proxy.FalClock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal("queued", (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status"));

        Assert.Equal(202, await caller.Call($"POST /v1/jobs/{id}/cancel").Status());

        Assert.Equal("canceled", (await caller.Ended(id)).Text("status"));
    }

    [Fact]
    public async Task Twice_is_the_same_as_once()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("stalls"))).Text("id");

        var statuses = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => caller.Call($"POST /v1/jobs/{id}/cancel").Status()));
        await caller.Ended(id);

        Assert.All(statuses, status => Assert.True(status is 202 or 409));
        Assert.Equal(1, (await caller.AllEvents(id)).Statuses().Count(status => status == "canceled"));
    }

    [Fact]
    public async Task Comes_too_late_after_the_end()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        await proxy.End(caller, id);

        await caller.Call($"POST /v1/jobs/{id}/cancel").Refused(409, "job-ended");
        Assert.Equal(0, proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Cancels);
    }

    [Fact]
    public async Task Waits_for_a_job_that_may_not_exist()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("html-502"))).Text("id");
        var before = proxy.Fal.Counts.Cancels;

        Assert.Equal(202, await caller.Call($"POST /v1/jobs/{id}/cancel").Status());

        Assert.Equal("unconfirmed", (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status"));
        Assert.Equal(before, proxy.Fal.Counts.Cancels);
    }
}
