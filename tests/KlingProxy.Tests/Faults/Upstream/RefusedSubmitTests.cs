using KlingProxy.Sandbox;
using KlingProxy.Tests.Fal;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Faults.Upstream;

/// <summary>fal reads the submit and says no: nothing was queued, so nothing is held.</summary>
public sealed class RefusedSubmitTests(RefusedSubmitTests.RefusedSubmitFixture proxy) : IClassFixture<RefusedSubmitTests.RefusedSubmitFixture>
{
    [Fact]
    public async Task X06_what_fal_rejects_costs_nothing_and_points_at_the_field()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("rejects");

        var problem = await caller.Call("POST /v1/jobs", order).Refused(422, "model-rejected");
        var job = (await caller.Call("GET /v1/jobs").Json()).GetProperty("data")[0];

        Assert.Equal(["/input/prompt"], problem.Pointers());
        Assert.Equal(("failed", "0.00"), (job.Text("status"), job.Text("cost")));
        Assert.Equal(["/input/prompt"], job.GetProperty("error").Pointers());
        Assert.Equal((1, 0m), (proxy.SubmitsOf(order), proxy.Fal.Billed.Amount));
        Assert.Equal(LedgerOf.Released, LedgerOf.Of(proxy, job.Text("id")));
    }

    public sealed class RefusedSubmitFixture : ProxyFixture;
}

public sealed class OddRefusalTests(LostReplyTests.LostReplyFixture proxy) : IClassFixture<LostReplyTests.LostReplyFixture>
{
    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(409)]
    [InlineData(413)]
    [InlineData(422)]
    public async Task X06_any_other_4xx_ends_the_job_and_is_not_sent_again(int status)
    {
        using var caller = await proxy.NewCaller();
        proxy.Upstream.AfterPost = (connection, _) => RawUpstream.Say(connection, RawUpstream.Json(status, """{"detail":"No."}"""));
        var before = proxy.Upstream.Posts;

        await caller.Call("POST /v1/jobs", Given.Order()).Refused(422, "model-rejected");
        var job = (await caller.Call("GET /v1/jobs").Json()).GetProperty("data")[0];

        Assert.Equal((status, 1, "failed", "0.00"), (status, proxy.Upstream.Posts - before, job.Text("status"), job.Text("cost")));
        Assert.Equal(LedgerOf.Released, LedgerOf.Of(proxy, job.Text("id")));
    }
}

public sealed class RevokedKeyTests(RevokedKeyTests.RevokedKeyFixture proxy) : IClassFixture<RevokedKeyTests.RevokedKeyFixture>
{
    [Fact]
    public async Task X07_a_key_that_is_revoked_pauses_every_submit()
    {
        using var caller = await proxy.NewCaller();
        var (first, second) = (Given.Order(), Given.Order());

        await caller.Call("POST /v1/jobs", first).Refused(503, "upstream-auth");
        await caller.Call("POST /v1/jobs", second).Refused(503, "upstream-auth");

        Assert.Equal((1, 0, 0), (proxy.SubmitsOf(first), proxy.SubmitsOf(second), proxy.Fal.Jobs.Count));
        var job = Assert.Single((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray());
        Assert.Equal(("failed", "0.00", "upstream-auth"), (job.Text("status"), job.Text("cost"), job.GetProperty("error").Text("code")));
        Assert.Equal(LedgerOf.Released, LedgerOf.Of(proxy, job.Text("id")));
        using var ready = await caller.Call("GET /health/ready");
        Assert.Equal("Degraded", await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public sealed class RevokedKeyFixture : ProxyFixture
    {
        protected override SandboxOptions FalOptions => base.FalOptions with { Key = "another-key" };
    }
}

public sealed class ForbiddenKeyTests(LostReplyTests.LostReplyFixture proxy) : IClassFixture<LostReplyTests.LostReplyFixture>
{
    [Fact]
    public async Task X07_a_403_that_does_not_speak_of_money_is_about_the_key()
    {
        using var caller = await proxy.NewCaller();
        proxy.Upstream.AfterPost = (connection, _) => RawUpstream.Say(connection, RawUpstream.Json(403, """{"detail":"Forbidden"}"""));

        await caller.Call("POST /v1/jobs", Given.Order()).Refused(503, "upstream-auth");
        await caller.Call("POST /v1/jobs", Given.Order()).Refused(503, "upstream-auth");

        Assert.Equal(1, proxy.Upstream.Posts);
        Assert.Equal(LedgerOf.Released, LedgerOf.Of(proxy, (await caller.Call("GET /v1/jobs").Json()).GetProperty("data")[0].Text("id")));
    }
}

public sealed class EmptyBalanceTests(EmptyBalanceTests.EmptyBalanceFixture proxy) : IClassFixture<EmptyBalanceTests.EmptyBalanceFixture>
{
    [Fact]
    public async Task X08_an_empty_balance_pauses_every_submit_for_a_minute_and_then_tries_one()
    {
        using var one = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        var (broke, refused, later) = (Given.OrderThat("empty-balance"), Given.Order(), Given.Order());

        await one.Call("POST /v1/jobs", broke).Refused(503, "upstream-balance");
        await other.Call("POST /v1/jobs", refused).Refused(503, "upstream-balance");

        Assert.Equal((1, 0, 0m), (proxy.SubmitsOf(broke), proxy.SubmitsOf(refused), proxy.Fal.Billed.Amount));
        Assert.Equal(200, await other.Call("POST /v1/quotes", refused).Status());
        Assert.Equal(0, (await other.Call("GET /v1/jobs").Json()).GetProperty("data").GetArrayLength());
        var job = (await one.Call("GET /v1/jobs").Json()).GetProperty("data")[0];
        Assert.Equal(("failed", "0.00", "upstream-balance"), (job.Text("status"), job.Text("cost"), job.GetProperty("error").Text("code")));
        Assert.Equal(LedgerOf.Released, LedgerOf.Of(proxy, job.Text("id")));

        proxy.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(202, await other.Call("POST /v1/jobs", later).Status());
        Assert.Equal(1, proxy.SubmitsOf(later));
    }

    public sealed class EmptyBalanceFixture : TimedFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [];
    }
}
