using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Access.Limits;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Spending;

namespace KlingProxy.Tests.Access.Keys;

/// <summary>What a key may can be changed, and what is taken from it is gone at once.</summary>
public sealed class ChangeKeyTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    private const string App = "https://app.example.com";

    private static readonly string[] Terms = ["name", "scopes", "origins", "budget_per_day", "budget_total", "in_flight", "requests_per_minute", "expires_at"];

    public static TheoryData<string, string, string> BadPatches => new()
    {
        // field                 value                                       code
        { "name",                "null",                                     "required" },
        { "name",                "\"\"",                                     "text" },
        { "name",                "5",                                        "text" },
        { "scopes",              "null",                                     "one-of" },
        { "scopes",              "[]",                                       "one-of" },
        { "scopes",              "[\"link\"]",                               "one-of" },
        { "origins",             "[\"*\"]",                                  "origin" },
        { "budget_per_day",      "5",                                        "money" },
        { "budget_total",        "\"-1\"",                                   "money" },
        { "in_flight",           "0",                                        "range" },
        { "requests_per_minute", "\"9\"",                                    "range" },
        { "expires_at",          "\"2020-01-01T00:00:00Z\"",                 "time" },
        { "id",                  "\"key_00000000000000000000000000000000\"", "unchangeable" },
        { "key",                 "\"kp_0\"",                                 "unchangeable" },
        { "hint",                "null",                                     "unchangeable" },
        { "created_at",          "null",                                     "unchangeable" },
        { "rotated_at",          "null",                                     "unchangeable" },
        { "former_until",        "null",                                     "unchangeable" },
        { "revoked_at",          "null",                                     "unchangeable" },
        { "budget_per_dya",      "\"5\"",                                    "unknown-field" },
    };

    [Fact]
    public async Task Changes_what_is_named_and_leaves_the_rest()
    {
        using var boss = proxy.Operator();
        var key = await New(boss);

        var changed = await Patch(boss, key, """{"budget_per_day": "5", "in_flight": 2, "name": "smaller"}""").Json();
        var listed = (await boss.Call("GET /v1/keys").Json()).GetProperty("data").EnumerateArray().Single(listed => listed.Text("id") == key.Text("id"));

        Assert.Equal(
            """["smaller",["jobs"],["https://app.example.com"],"5.00","100.00",2,600,"2099-01-01T00:00:00.000Z"]""", Shown(changed));
        Assert.Equal(changed.GetRawText(), listed.GetRawText());
        Assert.Equal(key.Text("hint"), changed.Text("hint"));
        Assert.False(changed.TryGetProperty("key", out _));
    }

    [Fact]
    public async Task Takes_back_what_is_null()
    {
        using var boss = proxy.Operator();
        var key = await New(boss);

        var changed = await Patch(
            boss, key, """{"budget_per_day": null, "budget_total": null, "in_flight": null, "requests_per_minute": null, "expires_at": null, "origins": null}""").Json();

        Assert.Equal("""["changed",["jobs"],[],null,null,null,null,null]""", Shown(changed));
        using var anywhere = proxy.With(key.Text("key"));
        Assert.Equal(200, await anywhere.Call("GET /v1/jobs").Status());
    }

    [Theory]
    [MemberData(nameof(BadPatches))]
    public async Task Refuses_by_name_what_cannot_be_and_changes_nothing(string field, string value, string code)
    {
        using var boss = proxy.Operator();
        var key = await New(boss);

        var problem = await Patch(boss, key, new JsonObject { ["in_flight"] = 1, [field] = JsonNode.Parse(value) }.ToJsonString()).Refused(422, "invalid-request");

        Assert.Equal([$"/{field} {code}"], problem.GetProperty("errors").EnumerateArray().Select(error => $"{error.Text("pointer")} {error.Text("code")}"));
        Assert.Equal(Shown(key), Shown(await Patch(boss, key, "{}").Json()));
    }

    [Theory]
    [InlineData("application/merge-patch+json", 200)]
    [InlineData("application/merge-patch+json; charset=utf-8", 200)]
    [InlineData("application/json", 200)]
    [InlineData("application/merge-patch+json; charset=utf-16", 415)]
    [InlineData("application/json-patch+json", 415)]
    [InlineData("text/plain", 415)]
    public async Task Comes_as_a_merge_patch_or_as_JSON(string type, int status)
    {
        using var boss = proxy.Operator();
        var key = await New(boss);

        Assert.Equal(status, await Patch(boss, key, """{"in_flight": 1}""", type).Status());
    }

    [Fact]
    public async Task A_merge_patch_is_nothing_for_who_takes_none()
    {
        using var boss = proxy.Operator();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/keys") { Content = Body("""{"name": "a", "scopes": ["jobs"]}""", "application/merge-patch+json") };

        await boss.SendAsync(request, TestContext.Current.CancellationToken).Refused(415, "unsupported-media-type");
    }

    [Fact]
    public async Task Wakes_nobody()
    {
        using var boss = proxy.Operator();
        var (revoked, expired) = (await New(boss), await New(boss, proxy.Clock.GetUtcNow().AddSeconds(5)));
        await boss.Call($"DELETE /v1/keys/{revoked.Text("id")}").Status();
        proxy.Clock.Advance(TimeSpan.FromSeconds(6));

        await Patch(boss, revoked, """{"in_flight": 1}""").Refused(409, "key-ended");
        await Patch(boss, expired, """{"expires_at": null}""").Refused(409, "key-ended");
        await boss.Call("PATCH /v1/keys/key_00000000000000000000000000000000", new JsonObject()).Refused(404, "key-not-found");
        using var still = proxy.With(expired.Text("key"));
        Assert.Equal(401, await still.Call("GET /v1/jobs", null, ("Origin", App)).Status());
    }

    [Fact]
    public async Task A_right_that_is_taken_away_opens_nothing_any_more()
    {
        using var boss = proxy.Operator();
        var key = await proxy.KeyWith("jobs", ("expires_at", "2099-01-01T00:00:00Z"));
        using var caller = proxy.With(key.Text("key"));
        var job = (await caller.Create()).Text("id");
        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{job}").Status());

        Assert.Equal(200, await Patch(boss, key, """{"scopes": ["tickets"]}""").Status());
        await caller.Call($"GET /v1/jobs/{job}").Refused(403, "forbidden"); // by the short path of polls, too
        Assert.Equal(200, await Patch(boss, key, """{"scopes": ["jobs"], "origins": ["https://app.example.com"]}""").Status());
        await caller.Call($"GET /v1/jobs/{job}").Refused(403, "origin-refused");
        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{job}", null, ("Origin", App)).Status());
        Assert.Equal(200, await Patch(boss, key, $$"""{"origins": null, "expires_at": "{{proxy.Clock.GetUtcNow().AddSeconds(5):yyyy-MM-dd'T'HH:mm:ss'Z'}}"}""").Status());
        proxy.Clock.Advance(TimeSpan.FromSeconds(6));
        await caller.Call($"GET /v1/jobs/{job}").Refused(401, "unauthorized");
    }

    [Fact]
    public async Task A_limit_holds_from_the_next_call_on()
    {
        using var boss = proxy.Operator();
        var key = await proxy.KeyWith("jobs");
        using var caller = proxy.With(key.Text("key"));
        await caller.Create();

        Assert.Equal(200, await Patch(boss, key, """{"in_flight": 1}""").Status());
        Assert.Equal(1, (await caller.Call("POST /v1/jobs", Given.Order()).Refused(429, "too-many-jobs")).GetProperty("limit").GetInt32());
        Assert.Equal(200, await Patch(boss, key, """{"in_flight": null, "budget_per_day": "4.19"}""").Status());
        Assert.Equal("2.09", (await caller.Call("POST /v1/jobs", Given.Order()).Refused(402, "budget-exceeded")).Text("left"));
        Assert.Equal(200, await Patch(boss, key, """{"budget_per_day": "4.20", "requests_per_minute": 1}""").Status());
        Assert.Equal(202, await caller.Call("POST /v1/jobs", Given.Order()).Status());
        await caller.Call("GET /v1/jobs").Refused(429, "too-many-requests");
    }

    public static TheoryData<string, int, string> Narrowings => new()
    {
        // patch                       status  code
        { """{"scopes": ["tickets"]}""",  403, "forbidden" },
        { """{"budget_per_day": "2"}""",  402, "budget-exceeded" },
        { """{"budget_total": "2"}""",    402, "budget-exceeded" },
    };

    /// <summary>A body may take minutes: what its key allows counts when the money is spoken for.</summary>
    [Theory]
    [MemberData(nameof(Narrowings))]
    public async Task A_key_that_is_narrowed_while_a_body_drips_in_buys_no_more_than_it_may(string patch, int status, string code)
    {
        using var boss = proxy.Operator();
        var key = await proxy.KeyWith("jobs");
        var order = Given.Order();
        await using var call = await DrippingCall.Begin(proxy, "POST /v1/jobs", key.Text("key"), Encoding.UTF8.GetBytes(order.ToJsonString()));

        Assert.Equal(200, await Patch(boss, key, patch).Status());

        Assert.Equal((status, code), await call.End() is var answer ? (answer.Status, answer.Code) : default);
        Assert.Equal(0, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task A_key_that_is_widened_while_a_body_drips_in_buys_what_it_may_by_then()
    {
        using var boss = proxy.Operator();
        var key = await proxy.KeyWith("jobs", ("budget_per_day", "2"));
        var order = Given.Order();
        await using var call = await DrippingCall.Begin(proxy, "POST /v1/jobs", key.Text("key"), Encoding.UTF8.GetBytes(order.ToJsonString()));

        Assert.Equal(200, await Patch(boss, key, """{"budget_per_day": null}""").Status());

        Assert.Equal(202, (await call.End()).Status);
    }

    [Fact]
    public async Task Leaves_a_line_that_says_what_was_and_what_is()
    {
        using var boss = proxy.Operator();
        var key = await New(boss);

        await Patch(boss, key, """{"budget_per_day": "5", "origins": null, "name": "changed", "scopes": ["jobs", "tickets"]}""").Json();
        await Patch(boss, key, """{"budget_per_day": "5.00"}""").Json();

        var line = Assert.Single(proxy.Log.Lines, line => line.Contains("change-key", StringComparison.Ordinal) && line.Contains(key.Text("id"), StringComparison.Ordinal));
        Assert.Contains("(scopes jobs -> jobs+tickets, origins https://app.example.com -> none, budget_per_day 25.00 -> 5.00)", line, StringComparison.Ordinal);
    }

    private static string Shown(JsonElement key) => $"[{string.Join(',', Terms.Select(term => key.GetProperty(term).GetRawText()))}]";

    private static async Task<JsonElement> New(HttpClient boss, DateTimeOffset? expires = null) => await boss.Call("POST /v1/keys", new JsonObject
    {
        ["name"] = "changed",
        ["scopes"] = new JsonArray("jobs"),
        ["origins"] = new JsonArray(App),
        ["budget_per_day"] = "25",
        ["budget_total"] = "100",
        ["in_flight"] = 4,
        ["requests_per_minute"] = 600,
        ["expires_at"] = expires?.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture) ?? "2099-01-01T00:00:00Z",
    }).Json();

    private static Task<HttpResponseMessage> Patch(HttpClient boss, JsonElement key, string patch, string type = "application/merge-patch+json") =>
        boss.PatchAsync($"/v1/keys/{key.Text("id")}", Body(patch, type), TestContext.Current.CancellationToken);

    private static ByteArrayContent Body(string json, string type) =>
        new(Encoding.UTF8.GetBytes(json)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };
}
