using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Spending;

namespace KlingProxy.Tests.Jobs.Reading;

/// <summary>What a list can be asked for: by callers of their own jobs, by operators of everybody's.</summary>
public sealed class FilterJobsTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    private const string Model = "fal-ai/kling-video/o3/4k/image-to-video";

    [Fact]
    public async Task Several_statuses_are_one_list()
    {
        using var caller = await proxy.NewCaller();
        var completed = await Created(caller);
        await proxy.End(caller, completed);
        var unconfirmed = await Created(caller, Given.OrderThat("loses-reply"));
        var queued = await Created(caller);

        Assert.Equal([queued, completed], await Ids(caller, "status=completed,queued"));
        Assert.Equal([queued, completed], await Ids(caller, "status=queued&status=completed"));
        Assert.Equal([queued, unconfirmed, completed], await Ids(caller, "status=queued,completed,unconfirmed,queued&limit=1"));
        Assert.Empty(await Ids(caller, "status=failed,canceled"));
    }

    [Fact]
    public async Task Jobs_are_found_by_their_time_and_model()
    {
        using var caller = await proxy.NewCaller();
        var first = await Created(caller);
        proxy.Clock.Advance(TimeSpan.FromHours(1));
        var between = proxy.Clock.GetUtcNow();
        proxy.Clock.Advance(TimeSpan.FromHours(1));
        var second = await Created(caller);

        Assert.Equal([second], await Ids(caller, $"from={Text(between)}"));
        Assert.Equal([first], await Ids(caller, $"to={Text(between)}"));
        Assert.Equal([second, first], await Ids(caller, $"from={between.AddDays(-1):yyyy-MM-dd}&to={between.AddDays(1):yyyy-MM-dd}&model={Model}&limit=1"));
        Assert.Empty(await Ids(caller, "model=fal-ai/another"));
        Assert.Empty(await Ids(caller, "to=2020-01-01"));
    }

    [Fact]
    public async Task An_operator_sees_everybodys_and_whose_they_are()
    {
        using var boss = proxy.Operator();
        var (one, other) = (await proxy.KeyWith("jobs"), await proxy.KeyWith("jobs"));
        using var caller = proxy.With(one.Text("key"));
        using var rival = proxy.With(other.Text("key"));
        proxy.Clock.Advance(TimeSpan.FromSeconds(1)); // after all that other tests have made
        var since = proxy.Clock.GetUtcNow();
        var order = Given.Order();
        var ended = await Created(caller, order);
        await proxy.End(caller, ended);
        var running = await Created(rival);

        var all = await Jobs(boss, $"from={Text(since)}");
        var job = all.Single(job => job.Text("id") == ended);
        var notes = job.GetProperty("operator");

        Assert.Equal([running, ended], all.Select(listed => listed.Text("id")));
        Assert.Equal((one.Text("id"), one.Text("id"), proxy.AtFal(order).RequestId), (notes.Text("caller_id"), notes.Text("payer_id"), notes.Text("request_id")));
        Assert.StartsWith("req_", notes.Text("created_by"), StringComparison.Ordinal);
        Assert.Equal([ended], await Ids(boss, $"caller={one.Text("id")}"));
        Assert.Equal([ended], await Ids(boss, $"status=completed&from={Text(since)}&model={Model}"));
        Assert.Equal([running], await Ids(boss, $"status=queued,failed&caller={other.Text("id")}"));
        Assert.Empty(await Ids(boss, "caller=key_00000000000000000000000000000000"));
        Assert.All(await Jobs(caller, ""), own => Assert.False(own.TryGetProperty("operator", out _)));
    }

    [Fact]
    public async Task An_operator_reads_any_job_but_does_not_cancel_it()
    {
        using var boss = proxy.Operator();
        using var deputy = await proxy.NewCaller("jobs", "operator");
        var key = await proxy.KeyWith("jobs");
        using var caller = proxy.With(key.Text("key"));
        var id = await Created(caller);

        foreach (var reader in new[] { boss, deputy }) // the second by the short path of polls
        {
            using var reply = await reader.Call($"GET /v1/jobs/{id}");
            var job = await reply.Json();
            Assert.Equal((id, key.Text("id")), (job.Text("id"), job.GetProperty("operator").Text("caller_id")));
            Assert.Equal(JsonValueKind.Null, job.GetProperty("links").GetProperty("cancel").ValueKind);
            Assert.Equal(304, await reader.Call($"GET /v1/jobs/{id}", null, ("If-None-Match", reply.Headers.ETag!.ToString())).Status());
            await reader.Call("GET /v1/jobs/job_00000000000000000000000000000000").Refused(404, "job-not-found");
        }
        Assert.False((await caller.Call($"GET /v1/jobs/{id}").Json()).TryGetProperty("operator", out _));
        await boss.Call($"POST /v1/jobs/{id}/cancel").Refused(403, "forbidden");
        await deputy.Call($"POST /v1/jobs/{id}/cancel").Refused(404, "job-not-found");
        await deputy.Call($"DELETE /v1/jobs/{id}").Refused(404, "job-not-found");
    }

    [Theory]
    [InlineData("caller=key_0", 400, "unknown-parameter", "for operators")]
    [InlineData("user=x", 400, "unknown-parameter", "it takes status, model, from, to, caller, limit, cursor")]
    [InlineData("status=completed,", 400, "malformed", "status must be one of")]
    [InlineData("status=completed,done", 400, "malformed", "status must be one of")]
    [InlineData("model=", 400, "malformed", "model must be")]
    [InlineData("model=a%22b", 400, "malformed", "model must be")]
    [InlineData("from=1", 400, "malformed", "from and to must be")]
    [InlineData("from=2026-01-02&to=2026-01-01", 400, "malformed", "from must be earlier than to")]
    public async Task A_question_that_is_not_understood_is_refused(string query, int status, string code, string says)
    {
        using var caller = await proxy.NewCaller();

        Assert.Contains(says, (await caller.Call($"GET /v1/jobs?{query}").Refused(status, code)).Text("detail"), StringComparison.Ordinal);
    }

    // Each at a time of its own: what a list is in the order of.
    private async Task<string> Created(HttpClient caller, JsonNode? order = null)
    {
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));
        return (await caller.Create(order)).Text("id");
    }

    private static async Task<List<string>> Ids(HttpClient caller, string query) => [.. (await Jobs(caller, query)).Select(job => job.Text("id"))];

    private static async Task<List<JsonElement>> Jobs(HttpClient caller, string query)
    {
        var (jobs, cursor) = (new List<JsonElement>(), "");
        do
        {
            var page = await caller.Call($"GET /v1/jobs?{query}{cursor}").Json();
            jobs.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        return jobs;
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
