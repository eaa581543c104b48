using KlingProxy.Sandbox;

namespace KlingProxy.Tests.Jobs;

public sealed class EmptyBalanceTests(EmptyBalanceTests.World proxy) : IClassFixture<EmptyBalanceTests.World>
{
    [Fact]
    public async Task Pauses_every_submit_for_a_minute_and_then_tries_one()
    {
        using var one = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        var (broke, refused, later) = (Given.OrderThat("empty-balance"), Given.Order(), Given.Order());

        await one.Call("POST /v1/jobs", broke).Refused(503, "upstream-balance");
        await other.Call("POST /v1/jobs", refused).Refused(503, "upstream-balance");

        Assert.Equal((1, 0), (proxy.SubmitsOf(broke), proxy.SubmitsOf(refused)));
        Assert.Equal(200, await other.Call("POST /v1/quotes", refused).Status());
        Assert.Equal(0, (await other.Call("GET /v1/jobs").Json()).GetProperty("data").GetArrayLength());
        var job = (await one.Call("GET /v1/jobs").Json()).GetProperty("data")[0];
        Assert.Equal(("failed", "0.00", "upstream-balance"), (job.Text("status"), job.Text("cost"), job.GetProperty("error").Text("code")));

        proxy.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(202, await other.Call("POST /v1/jobs", later).Status());
        Assert.Equal(1, proxy.SubmitsOf(later));
    }

    public sealed class World : TimedFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [];
    }
}

public sealed class WrongKeyTests(WrongKeyTests.World proxy) : IClassFixture<WrongKeyTests.World>
{
    [Fact]
    public async Task Pauses_when_fal_refuses_the_key()
    {
        using var caller = await proxy.NewCaller();
        var (first, second) = (Given.Order(), Given.Order());

        await caller.Call("POST /v1/jobs", first).Refused(503, "upstream-auth");
        await caller.Call("POST /v1/jobs", second).Refused(503, "upstream-auth");

        Assert.Equal((1, 0), (proxy.SubmitsOf(first), proxy.SubmitsOf(second)));
        Assert.Equal("0.00", (await caller.Call("GET /v1/jobs").Json()).GetProperty("data")[0].Text("cost"));
    }

    public sealed class World : ProxyFixture
    {
        protected override SandboxOptions FalOptions => base.FalOptions with { Key = "another-key" };
    }
}
