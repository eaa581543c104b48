namespace KlingProxy.Tests.Jobs;

public sealed class UpstreamFaultTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task What_fal_rejects_costs_nothing_and_points_at_the_field()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("rejects");

        var problem = await caller.Call("POST /v1/jobs", order).Refused(422, "model-rejected");
        var job = (await caller.Call("GET /v1/jobs").Json()).GetProperty("data")[0];

        Assert.Equal(["/input/prompt"], problem.Pointers());
        Assert.Equal(("failed", "0.00"), (job.Text("status"), job.Text("cost")));
        Assert.Equal(["/input/prompt"], job.GetProperty("error").Pointers());
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Theory]
    [InlineData("loses-reply")]
    [InlineData("html-502")]
    public async Task A_lost_answer_is_admitted_and_nothing_is_sent_again(string fault)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat(fault);

        var job = await caller.Create(order);

        Assert.Equal(("unconfirmed", "2.10"), (job.Text("status"), job.Text("estimated_cost")));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, job.GetProperty("cost").ValueKind);
        Assert.Equal(["submitting", "unconfirmed"], (await caller.Call($"GET /v1/jobs/{job.Text("id")}/events", null, ("Accept", "application/json")).Json())
            .GetProperty("data").EnumerateArray().Statuses());
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task A_refusal_after_completion_is_a_failure_in_fals_own_words()
    {
        using var caller = await proxy.NewCaller();

        var job = await proxy.End(caller, (await caller.Create(Given.OrderThat("completes-then-422"))).Text("id"));

        Assert.Equal(("failed", "0.00", "model-rejected"), (job.Text("status"), job.Text("cost"), job.GetProperty("error").Text("code")));
        var error = Assert.Single(job.GetProperty("error").GetProperty("errors").EnumerateArray());
        Assert.Equal(("/input/prompt", "content_policy_violation", "The prompt was rejected."), (error.Text("pointer"), error.Text("code"), error.Text("detail")));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, job.GetProperty("video").ValueKind);
    }

    [Theory]
    [InlineData("result-504-thrice")]
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

    [Fact]
    public async Task A_long_result_outage_ends_nothing()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("result-504-thrice"))).Text("id");
        proxy.LetJobsEnd();

        await caller.Reaches(id, "finalizing");

        Assert.Equal("completed", (await caller.Ended(id)).Text("status"));
    }

    private static async Task<long> Latest(HttpClient caller, string id, string status) =>
        (await caller.Call($"GET /v1/jobs/{id}/events", null, ("Accept", "application/json")).Json()).GetProperty("data").EnumerateArray()
        .Last(happened => happened.Text("status") == status).GetProperty("sequence").GetInt64();
}
