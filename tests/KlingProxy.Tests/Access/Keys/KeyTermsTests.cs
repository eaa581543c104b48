using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Keys;

/// <summary>What a key may be given beyond its scopes: pages, budgets, limits.</summary>
public sealed class KeyTermsTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    public static TheoryData<string, string> BadTerms => new()
    {
        // field                 value
        { "origins",             "\"https://app.example.com\"" },
        { "origins",             "[5]" },
        { "origins",             "[\"*\"]" },
        { "origins",             "[\"null\"]" },
        { "origins",             "[\"https://app.example.com/\"]" },
        { "origins",             "[\"https://app.example.com/path\"]" },
        { "origins",             "[\"https://*.example.com\"]" },
        { "origins",             "[\"https://App.example.com\"]" },
        { "origins",             "[\"https://app.example.com:443\"]" },
        { "origins",             "[\"https://user@app.example.com\"]" },
        { "origins",             "[\"app.example.com\"]" },
        { "origins",             "[\"ftp://app.example.com\"]" },
        { "budget_per_day",      "5" },
        { "budget_per_day",      "\"five\"" },
        { "budget_per_day",      "\"-1\"" },
        { "budget_per_day",      "\"1e3\"" },
        { "budget_per_day",      "\"1,000\"" },
        { "budget_total",        "\"1000001\"" },
        { "budget_total",        "\"0.0000001\"" },
        { "in_flight",           "0" },
        { "in_flight",           "\"2\"" },
        { "in_flight",           "1.5" },
        { "in_flight",           "1000001" },
        { "requests_per_minute", "0" },
        { "requests_per_minute", "1000001" },
        { "expires_at",          "\"tomorrow\"" },
        { "expires_at",          "\"2020-01-01T00:00:00Z\"" },
        { "scopes",              "[\"jobs\", 5]" },
        { "scopes",              "[\"link\"]" },
        { "limit",               "5" },
    };

    [Fact]
    public async Task Are_kept_and_shown()
    {
        using var boss = proxy.Operator();

        var key = await boss.Call("POST /v1/keys", Wanted(
            ("origins", """["https://app.example.com", "http://localhost:5173", "http://[::1]:3000"]"""), ("budget_per_day", "\"25\""), ("budget_total", "\"100.336\""),
            ("in_flight", "2"), ("requests_per_minute", "120"))).Json();
        var listed = (await boss.Call("GET /v1/keys").Json()).GetProperty("data").EnumerateArray().Single(listed => listed.Text("id") == key.Text("id"));

        foreach (var shown in new[] { key, listed })
        {
            Assert.Equal(["https://app.example.com", "http://localhost:5173", "http://[::1]:3000"], shown.GetProperty("origins").EnumerateArray().Select(origin => origin.GetString()));
            Assert.Equal(("25.00", "100.336"), (shown.Text("budget_per_day"), shown.Text("budget_total")));
            Assert.Equal((2, 120), (shown.GetProperty("in_flight").GetInt32(), shown.GetProperty("requests_per_minute").GetInt32()));
        }
    }

    [Theory]
    [MemberData(nameof(BadTerms))]
    public async Task Are_refused_by_name_when_they_make_no_sense(string field, string value)
    {
        using var boss = proxy.Operator();

        var problem = await boss.Call("POST /v1/keys", Wanted((field, value))).Refused(422, "invalid-request");

        Assert.Equal([$"/{field}"], problem.Pointers());
    }

    [Fact]
    public async Task Are_all_judged_at_once()
    {
        using var boss = proxy.Operator();

        var problem = await boss.Call("POST /v1/keys", JsonNode.Parse("""{"origins": ["*"], "budget_per_day": 1, "in_flight": 0, "what": 1}""")).Refused(422, "invalid-request");

        Assert.Equal(["/origins", "/budget_per_day", "/in_flight", "/what", "/name", "/scopes"], problem.Pointers());
    }

    [Theory]
    [InlineData("https://app.example.com", 200)]
    [InlineData("http://localhost:5173", 200)]
    [InlineData("https://app.example.com.evil.example", 403)]
    [InlineData("https://APP.example.com", 403)]
    [InlineData("http://app.example.com", 403)]
    [InlineData("https://app.example.com:8443", 403)]
    [InlineData("null", 403)]
    [InlineData("", 403)]
    [InlineData(null, 403)]
    public async Task A_key_with_origins_works_from_those_pages_only(string? origin, int status)
    {
        using var boss = proxy.Operator();
        var key = await boss.Call("POST /v1/keys", Wanted(("origins", """["https://app.example.com", "http://localhost:5173"]"""))).Json();
        using var page = proxy.With(key.Text("key"));
        (string, string)[] headers = origin is null ? [] : [("Origin", origin)];

        if (status == 200)
            Assert.Equal(200, await page.Call("GET /v1/jobs", null, headers).Status());
        else
            await page.Call("GET /v1/jobs", null, headers).Refused(403, "origin-refused");
        Assert.Equal(status, await page.Call("GET /v1/models", null, headers).Status()); // where no scope is asked for either
    }

    [Theory]
    [InlineData("capacitor://localhost", "ionic://localhost")]
    [InlineData("chrome-extension://abcdefghijklmnopabcdefghijklmnop", "chrome-extension://abcdefghijklmnopabcdefghijklmnoq")]
    public async Task An_app_has_an_origin_for_keys_and_for_tickets(string app, string other)
    {
        using var boss = proxy.Operator();
        var key = await boss.Call("POST /v1/keys", Wanted(("origins", $"[\"{app}\"]"))).Json();
        using var page = proxy.With(key.Text("key"));
        using var server = await proxy.NewCaller("jobs", "tickets");
        var ticket = await server.Call("POST /v1/tickets", JsonNode.Parse($$"""{"max_cost": "2.10", "origin": "{{app}}"}""")).Json();
        using var browser = proxy.With(ticket.Text("ticket"));

        foreach (var bearer in new[] { page, browser })
        {
            Assert.Equal(200, await bearer.Call("GET /v1/models", null, ("Origin", app)).Status());
            await bearer.Call("POST /v1/jobs", Given.Order(), ("Origin", other)).Refused(403, "origin-refused");
            Assert.Equal(202, await bearer.Call("POST /v1/jobs", Given.Order(), ("Origin", app)).Status());
        }
    }

    [Fact]
    public async Task A_key_without_origins_is_not_a_matter_of_pages()
    {
        using var caller = await proxy.NewCaller();

        Assert.Equal(200, await caller.Call("GET /v1/jobs", null, ("Origin", "https://anywhere.example")).Status());
    }

    [Fact]
    public async Task A_link_of_a_key_with_origins_opens_by_itself()
    {
        using var boss = proxy.Operator();
        var key = await boss.Call("POST /v1/keys", Wanted(("origins", """["https://app.example.com"]"""))).Json();
        using var page = proxy.With(key.Text("key"));
        using var viewer = proxy.Anyone();
        var job = await page.Call("POST /v1/jobs", Given.Order(), ("Origin", "https://app.example.com")).Json();

        Assert.Equal(200, await viewer.Call($"GET {job.GetProperty("links").Text("events")}", null, ("Accept", "application/json")).Status());
    }

    private static JsonObject Wanted(params (string Name, string Json)[] terms)
    {
        var wanted = new JsonObject { ["name"] = "with terms", ["scopes"] = new JsonArray("jobs") };
        foreach (var (name, json) in terms)
            wanted[name] = JsonNode.Parse(json);
        return wanted;
    }
}
