using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Spending;

/// <summary>What an operator sees of the money, and decides about it.</summary>
public sealed class OperatorTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_ledger_has_a_line_for_each_thing_that_happened()
    {
        using var boss = proxy.Operator();
        var key = await proxy.KeyWith("jobs");
        using var caller = proxy.With(key.Text("key"));
        var id = (await caller.Create()).Text("id");
        await proxy.End(caller, id);

        var lines = (await boss.Call($"GET /v1/ledger?job={id}").Json()).GetProperty("data").EnumerateArray().ToList();

        Assert.Equal(["hold 2.10", "release 2.10", "settlement 2.10"], lines.Select(line => $"{line.Text("kind")} {line.Text("amount")}").Order());
        Assert.All(lines, line => Assert.Equal((key.Text("id"), "fal-ai/kling-video/o3/4k/image-to-video", false), (line.Text("caller_id"), line.Text("model"), line.GetProperty("estimated").GetBoolean())));
    }

    [Fact]
    public async Task The_ledger_can_be_paged_and_taken_as_a_table()
    {
        using var boss = proxy.Operator();
        var key = await proxy.KeyWith("jobs");
        using var caller = proxy.With(key.Text("key"));
        for (var number = 0; number < 3; number++)
            await proxy.End(caller, (await caller.Create()).Text("id"));

        var (pages, cursor) = (new List<JsonElement>(), "");
        do
        {
            var page = await boss.Call($"GET /v1/ledger?caller={key.Text("id")}&limit=2{cursor}").Json();
            pages.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        using var table = await boss.Call($"GET /v1/ledger?caller={key.Text("id")}", null, ("Accept", "text/csv"));
        var rows = (await table.Content.ReadAsStringAsync(Cancel)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(9, pages.Count);
        Assert.Equal(("text/csv", "attachment"), (table.Content.Headers.ContentType?.MediaType, table.Content.Headers.ContentDisposition?.DispositionType));
        Assert.Equal("created_at,day,job_id,request_id,caller_id,model,kind,amount,estimated", rows[0]);
        Assert.Equal(pages.Select(line => $"{line.Text("created_at")},{line.Text("day")},{line.Text("job_id")},{line.GetProperty("request_id").GetString()},{line.Text("caller_id")},{line.Text("model")},{line.Text("kind")},{line.Text("amount")},false"), rows.Skip(1));
    }

    [Fact]
    public async Task Usage_says_who_spent_what_on_which_day()
    {
        using var boss = proxy.Operator();
        using var reply = await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "=HYPERLINK(\"http://evil\"), \"web\"", ["scopes"] = new JsonArray("jobs") });
        var key = await reply.Json();
        using var caller = proxy.With(key.Text("key"));
        await proxy.End(caller, (await caller.Create()).Text("id"));
        await caller.Create();

        var usage = Assert.Single((await boss.Call("GET /v1/usage").Json()).GetProperty("data").EnumerateArray(), row => row.Text("caller_id") == key.Text("id"));
        using var table = await boss.Call("GET /v1/usage", null, ("Accept", "text/csv"));
        var row = Assert.Single((await table.Content.ReadAsStringAsync(Cancel)).Split("\r\n"), line => line.Contains(key.Text("id"), StringComparison.Ordinal));

        Assert.Equal((2, "2.10", "2.10", "0.00"), (usage.GetProperty("jobs").GetInt32(), usage.Text("held"), usage.Text("spent"), usage.Text("estimated")));
        Assert.Equal(DateOnly.FromDateTime(proxy.Clock.GetUtcNow().UtcDateTime).ToString("O", CultureInfo.InvariantCulture), usage.Text("day"));
        Assert.Equal($"{usage.Text("day")},{key.Text("id")},\"'=HYPERLINK(\"\"http://evil\"\"), \"\"web\"\"\",2,2.10,2.10,0.00", row); // and no formula
    }

    [Theory]
    [InlineData("GET /v1/ledger?from=yesterday")]
    [InlineData("GET /v1/ledger?from=2026-08-02&to=2026-08-01")]
    [InlineData("GET /v1/ledger?from=2024-01-01&to=2026-01-01")]
    [InlineData("GET /v1/ledger?limit=0")]
    [InlineData("GET /v1/ledger?limit=1001")]
    [InlineData("GET /v1/ledger?cursor=bm9wZQ")]
    [InlineData("GET /v1/usage?to=2026-8-1")]
    [InlineData("GET /v1/attention?limit=x")]
    [InlineData("GET /v1/attention?cursor=x")]
    public async Task A_question_that_is_not_understood_is_refused(string call)
    {
        using var boss = proxy.Operator();

        await boss.Call(call).Refused(400, "malformed");
    }

    [Fact]
    public async Task A_job_that_fal_never_had_is_closed_for_nothing()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("loses-reply"))).Text("id");
        await Waits(boss, id);

        var resolved = await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "0" }).Json();

        Assert.Equal(("failed", "0.00", LedgerOf.Released), (resolved.Text("status"), resolved.Text("cost"), LedgerOf.Of(proxy, id)));
        Assert.Equal("lost", (await caller.Call($"GET /v1/jobs/{id}").Json()).GetProperty("error").Text("code"));
        await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "2.10" }).Refused(409, "not-in-attention");
        Assert.Contains(proxy.Log.Lines, line => line.Contains("resolve-job", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal) && line.Contains("(ended, cost 0.00 USD)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_job_that_was_billed_without_a_video_is_closed_at_its_cost()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("loses-reply"))).Text("id");

        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "2.10" }).Status());

        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, id));
        Assert.Equal("held 0.00, spent 2.10, left 999997.90", await caller.Today());
    }

    [Fact]
    public async Task A_job_that_was_found_at_fal_goes_on_and_brings_its_video()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-reply");
        var id = (await caller.Create(order)).Text("id");
        var other = (await caller.Create(Given.OrderThat("loses-reply"))).Text("id");
        var request = proxy.AtFal(order).RequestId;

        Assert.Equal(["/request_id"], (await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["request_id"] = "019fd35a-0000-7000-8000-000000000009" }).Refused(422, "invalid-request")).Pointers());
        var resolved = await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["request_id"] = request }).Json();
        await boss.Call($"POST /v1/jobs/{other}/resolve", new JsonObject { ["request_id"] = request }).Refused(409, "not-in-attention"); // one video, one bill

        Assert.Equal((request, "queued"), (resolved.Text("request_id"), resolved.Text("status")));
        Assert.Equal("completed", (await proxy.End(caller, id)).Text("status"));
        Assert.Equal((LedgerOf.Paid, LedgerOf.Held), (LedgerOf.Of(proxy, id), LedgerOf.Of(proxy, other)));
    }

    [Fact]
    public async Task A_job_that_needs_nobody_is_left_alone()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");

        await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "0" }).Refused(409, "not-in-attention");
        await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["request_id"] = "019fd35a-0000-7000-8000-000000000009" }).Refused(409, "not-in-attention");
        await boss.Call("POST /v1/jobs/job_00000000000000000000000000000000/resolve", new JsonObject { ["cost"] = "0" }).Refused(404, "job-not-found");

        Assert.Equal(LedgerOf.Held, LedgerOf.Of(proxy, id));
    }

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"cost": "1", "request_id": "019fd35a-0000-7000-8000-000000000001"}""", "")]
    [InlineData("""{"cost": 1}""", "/cost")]
    [InlineData("""{"cost": "-1"}""", "/cost")]
    [InlineData("""{"request_id": "../x"}""", "/request_id")]
    [InlineData("""{"cost": "0", "verdict": "ok"}""", "/verdict")]
    public async Task A_decision_that_is_not_understood_decides_nothing(string body, string field)
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("loses-reply"))).Text("id");

        var problem = await boss.Call($"POST /v1/jobs/{id}/resolve", JsonNode.Parse(body)).Refused(422, "invalid-request");

        Assert.Contains(field, problem.Pointers());
        Assert.Equal(LedgerOf.Held, LedgerOf.Of(proxy, id));
    }

    private async Task Waits(HttpClient boss, string id)
    {
        await proxy.TurnUntil(TimeSpan.FromMinutes(10), async () =>
            (await boss.Call("GET /v1/attention?limit=100").Json()).GetProperty("data").EnumerateArray().Any(job => job.Text("id") == id));
        var waiting = (await boss.Call("GET /v1/attention?limit=100").Json()).GetProperty("data").EnumerateArray().Single(job => job.Text("id") == id);
        Assert.Equal(("unconfirmed", "2.10"), (waiting.Text("status"), waiting.Text("estimated_cost")));
    }
}
