using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access.Audit;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Spending;

namespace KlingProxy.Tests.Access.Audit;

/// <summary>Whoever asks afterwards who has done what, and when.</summary>
public sealed class ListAuditTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    /// <summary>What operators may change, those of tomorrow included: an operation that is not made below fails.</summary>
    public static TheoryData<string> Changes => [.. Operation.All.Where(operation => operation.Scopes is ["operator"] && operation.Verb is not ("GET" or "HEAD")).Select(operation => operation.Name)];

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Every_change_of_an_operator_is_there(string operation)
    {
        var (key, deputy) = await Deputy();
        using var made = deputy;

        var (subject, detail) = await Do(operation, deputy);
        var acts = await Acts($"by={key}");

        var act = acts[0];
        Assert.Equal((key, subject), (act.Text("by"), act.Text("subject")));
        Assert.Contains(act.Text("act"), ActWords.All);
        Assert.Matches(detail, act.Text("detail"));
        Assert.StartsWith(proxy.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture), act.Text("created_at"), StringComparison.Ordinal);
        var line = Assert.Single(proxy.Log.Lines, line => line.Contains(act.Text("id"), StringComparison.Ordinal));
        Assert.Contains($"Operator act by \"{key}\": \"{act.Text("act")}\" \"{subject}\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_refused_is_no_act()
    {
        var (key, deputy) = await Deputy();
        using var made = deputy;

        await deputy.Call("POST /v1/keys", new JsonObject { ["name"] = "x" }).Refused(422, "invalid-request");
        await deputy.Call("PATCH /v1/keys/key_00000000000000000000000000000000", new JsonObject { ["in_flight"] = 1 }).Refused(404, "key-not-found");
        await deputy.Call("DELETE /v1/keys/key_00000000000000000000000000000000").Refused(404, "key-not-found");
        await deputy.Call("POST /v1/jobs/job_00000000000000000000000000000000/resolve", new JsonObject { ["cost"] = "0" }).Refused(404, "job-not-found");

        Assert.Empty(await Acts($"by={key}"));
    }

    [Fact]
    public async Task Acts_are_found_by_who_what_and_when_and_page_by_page()
    {
        var (key, deputy) = await Deputy();
        using var made = deputy;
        var (other, rival) = await Deputy();
        using var also = rival;
        var subject = (await proxy.KeyWith("jobs")).Text("id");
        proxy.Clock.Advance(TimeSpan.FromDays(2));
        var begun = proxy.Clock.GetUtcNow();
        for (var number = 1; number <= 5; number++)
        {
            await deputy.Call($"PATCH /v1/keys/{subject}", new JsonObject { ["in_flight"] = number }).Json();
            await rival.Call($"PATCH /v1/keys/{subject}", new JsonObject { ["in_flight"] = 10 + number }).Json();
            proxy.Clock.Advance(TimeSpan.FromHours(1));
        }
        await deputy.Call($"POST /v1/keys/{subject}/rotate").Json();

        var mine = await Acts($"by={key}");
        var changes = await Acts($"by={key}&act=change-key&limit=2");
        var early = await Acts($"by={key}&from={Text(begun)}&to={Text(begun.AddHours(2))}");
        var all = await Acts($"from={Text(begun)}");
        var rotations = await Acts($"act=rotate-key&from={begun:yyyy-MM-dd}");

        Assert.Equal(["rotate-key", .. Enumerable.Repeat("change-key", 5)], mine.Select(act => act.Text("act")));
        Assert.Equal(["in_flight 14 -> 5", "in_flight 13 -> 4", "in_flight 12 -> 3", "in_flight 11 -> 2", "in_flight none -> 1"], changes.Select(act => act.Text("detail")));
        Assert.Equal(["in_flight 11 -> 2", "in_flight none -> 1"], early.Select(act => act.Text("detail")));
        Assert.Equal(11, all.Count);
        Assert.Equal([(key, subject)], rotations.Select(act => (act.Text("by"), act.Text("subject"))));
        Assert.Equal(5, all.Count(act => act.Text("by") == other));
    }

    [Theory]
    [InlineData("act=delete-key", "act must be one of")]
    [InlineData("from=yesterday", "from and to must be")]
    [InlineData("to=2026-13-01", "from and to must be")]
    [InlineData("from=2026-08-02&to=2026-08-01", "from must be earlier than to")]
    [InlineData("from=2026-08-02T00:00:00Z&to=2026-08-02T00:00:00Z", "from must be earlier than to")]
    [InlineData("by=a%0Ab", "without control characters")]
    [InlineData("limit=1001", "limit must be")]
    [InlineData("cursor=x", "cursor must be")]
    public async Task A_question_that_is_not_understood_is_refused(string query, string says)
    {
        using var boss = proxy.Operator();

        Assert.Contains(says, (await boss.Call($"GET /v1/audit?{query}").Refused(400, "malformed")).Text("detail"), StringComparison.Ordinal);
    }

    private async Task<(string Key, HttpClient Deputy)> Deputy()
    {
        var key = await proxy.KeyWith("operator");
        return (key.Text("id"), proxy.With(key.Text("key")));
    }

    private async Task<(string Subject, string Detail)> Do(string operation, HttpClient deputy)
    {
        var subject = (await proxy.KeyWith("jobs")).Text("id");
        switch (operation)
        {
            case "POST /v1/keys":
                return ((await deputy.Call(operation, new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray("jobs", "tickets") }).Json()).Text("id"), "^kp_….{4}, jobs tickets$");
            case "PATCH /v1/keys/{id}":
                await deputy.Call($"PATCH /v1/keys/{subject}", new JsonObject { ["name"] = "y", ["budget_total"] = "3" }).Json();
                return (subject, "^name 'a caller' -> 'y', budget_total none -> 3.00$");
            case "DELETE /v1/keys/{id}":
                Assert.Equal(204, await deputy.Call($"DELETE /v1/keys/{subject}").Status());
                return (subject, "^$");
            case "POST /v1/keys/{id}/rotate":
                await deputy.Call($"POST /v1/keys/{subject}/rotate").Json();
                return (subject, "^kp_….{4}, the old secret ends in 0 s$");
            case "PUT /v1/freeze":
                await deputy.Call(operation, new JsonObject { ["reason"] = "a look" }).Json();
                using (var boss = proxy.Operator())
                    Assert.Equal(204, await boss.Call("DELETE /v1/freeze").Status());
                return ("spending", "^a look$");
            case "DELETE /v1/freeze":
                Assert.Equal(204, await deputy.Call(operation).Status());
                return ("spending", "^$");
            case "POST /v1/jobs/{id}/resolve":
                using (var caller = await proxy.NewCaller())
                {
                    var id = (await caller.Create(Given.OrderThat("loses-reply"))).Text("id");
                    await deputy.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "2.1" }).Json();
                    return (id, "^ended, cost 2.10 USD$");
                }
            case "POST /v1/jobs/{id}/retry":
                using (var caller = await proxy.NewCaller())
                {
                    var id = (await caller.Create(Given.OrderThat("completes-then-422"))).Text("id");
                    await proxy.End(caller, id);
                    var again = await deputy.Call($"POST /v1/jobs/{id}/retry").Json();
                    return (id, $"^as {again.Text("id")}$");
                }
            default:
                throw new NotSupportedException($"How is {operation} done?");
        }
    }

    private async Task<List<JsonElement>> Acts(string query)
    {
        using var boss = proxy.Operator();
        var (acts, cursor) = (new List<JsonElement>(), "");
        do
        {
            var page = await boss.Call($"GET /v1/audit?{query}{cursor}").Json();
            acts.AddRange(page.GetProperty("data").EnumerateArray());
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        return acts;
    }

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
