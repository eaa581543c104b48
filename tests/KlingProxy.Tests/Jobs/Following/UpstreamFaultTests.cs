using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Following;

public sealed class UpstreamFaultTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Theory]
    [InlineData("drops-stream")]
    [InlineData("regresses")]
    public async Task Gets_its_video_all_the_same(string fault)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat(fault);

        var job = await proxy.End(caller, (await caller.Create(order)).Text("id"));

        Assert.Equal(("completed", "2.10", false), (job.Text("status"), job.Text("cost"), job.GetProperty("cost_is_estimated").GetBoolean()));
        Assert.Equal(2.10m, proxy.AtFal(order).Billed.Amount);
    }

    [Fact]
    public async Task Tells_of_a_job_that_goes_back_into_the_queue()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("regresses"))).Text("id");
        var watching = caller.AllEvents(id);

        proxy.FalClock.Advance(TimeSpan.FromSeconds(25));
        await caller.Reaches(id, "in_progress");
        proxy.FalClock.Advance(TimeSpan.FromSeconds(80));
        await caller.Reaches(id, "queued", after: await Latest(caller, id, "in_progress"));
        proxy.FalClock.Advance(TimeSpan.FromSeconds(80));
        await caller.Reaches(id, "in_progress", after: await Latest(caller, id, "queued"));
        var events = await proxy.End(watching);

        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Sequences());
        Assert.Equal(["in_progress", "queued", "in_progress", "finalizing", "completed"], events.Statuses().SkipWhile(status => status != "in_progress"));
    }

    private static async Task<long> Latest(HttpClient caller, string id, string status) =>
        (await caller.Call($"GET /v1/jobs/{id}/events", null, ("Accept", "application/json")).Json()).GetProperty("data").EnumerateArray()
        .Last(happened => happened.Text("status") == status).GetProperty("sequence").GetInt64();
}
