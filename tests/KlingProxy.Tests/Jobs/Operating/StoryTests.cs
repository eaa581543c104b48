using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Spending;

namespace KlingProxy.Tests.Jobs.Operating;

/// <summary>Whoever is asked what became of a video finds all of it in one place.</summary>
public sealed class StoryTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    [Fact]
    public async Task Tells_the_whole_life_of_a_job()
    {
        using var boss = proxy.Operator();
        var key = await proxy.KeyWith("jobs");
        using var caller = proxy.With(key.Text("key"));
        var order = Given.Order();
        using var created = await caller.Call("POST /v1/jobs", order);
        var id = (await created.Json()).Text("id");
        var ended = await proxy.End(caller, id);

        var story = await Story(boss, id);
        var (job, submit) = (story.GetProperty("job"), story.GetProperty("submit"));

        Assert.Equal((id, "completed", ended.Text("ended_at")), (job.Text("id"), job.Text("status"), job.Text("ended_at")));
        Assert.Equal((key.Text("id"), proxy.AtFal(order).RequestId), (job.GetProperty("operator").Text("caller_id"), job.GetProperty("operator").Text("request_id")));
        Assert.Equal(created.Headers.GetValues("X-Request-Id").Single(), job.GetProperty("operator").Text("created_by"));
        var events = story.GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(Enumerable.Range(1, events.Count), events.Select(happened => happened.GetProperty("sequence").GetInt32()));
        Assert.Equal(("submitting", "completed", ended.Text("ended_at")), (events[0].Text("status"), events[^1].Text("status"), events[^1].Text("created_at")));
        Assert.Equal(["hold 2.10", "release 2.10", "settlement 2.10"], story.GetProperty("ledger").EnumerateArray().Select(line => $"{line.Text("kind")} {line.Text("amount")}"));
        Assert.Equal((0, JsonValueKind.String, JsonValueKind.Null), (submit.GetProperty("unsent_attempts").GetInt32(), submit.GetProperty("submitted_at").ValueKind, submit.GetProperty("waiting_for").ValueKind));
        Assert.Empty(story.GetProperty("notes").EnumerateArray());
        Assert.Empty(story.GetProperty("acts").EnumerateArray());
    }

    [Fact]
    public async Task Tells_what_operators_did_about_it()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("loses-reply"))).Text("id");
        await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "0" }).Json();

        var story = await Story(boss, id);
        var act = Assert.Single(story.GetProperty("acts").EnumerateArray());

        Assert.Equal(("operator", "resolve-job", "ended, cost 0.00 USD"), (act.Text("by"), act.Text("act"), act.Text("detail")));
        Assert.Equal(["submitting", "unconfirmed", "failed"], story.GetProperty("events").EnumerateArray().Select(happened => happened.Text("status")));
        Assert.Equal(["hold", "release"], story.GetProperty("ledger").EnumerateArray().Select(line => line.Text("kind")));
    }

    [Fact]
    public async Task Of_a_deleted_job_it_tells_what_the_ledger_has()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");
        await proxy.End(caller, id);
        Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{id}").Status());

        var story = await Story(boss, id);

        Assert.Equal((JsonValueKind.Null, 0), (story.GetProperty("job").ValueKind, story.GetProperty("events").GetArrayLength()));
        Assert.Equal(["hold", "release", "settlement"], story.GetProperty("ledger").EnumerateArray().Select(line => line.Text("kind")));
        await boss.Call("GET /v1/jobs/job_00000000000000000000000000000000/story").Refused(404, "job-not-found");
    }

    private static Task<JsonElement> Story(HttpClient boss, string id) => boss.Call($"GET /v1/jobs/{id}/story").Json();
}
