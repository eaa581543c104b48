using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Credentials;

public sealed class ApiKeysTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    private static JsonObject Wanted(string name, string scope = "jobs", DateTimeOffset? expires = null) => new()
    {
        ["name"] = name,
        ["scopes"] = new JsonArray(scope),
        ["expires_at"] = expires?.ToString("yyyy-MM-dd'T'HH:mm:ssK", System.Globalization.CultureInfo.InvariantCulture),
    };

    [Fact]
    public async Task Shows_the_secret_once_and_never_again()
    {
        using var boss = proxy.Operator();

        using var reply = await boss.Call("POST /v1/keys", Wanted("web"));
        var key = await reply.Json();
        var list = await boss.Call("GET /v1/keys").Json();

        Assert.Equal((201, $"/v1/keys/{key.Text("id")}"), ((int)reply.StatusCode, reply.Headers.Location?.OriginalString));
        Assert.Matches("^kp_[0-9a-f]{48}$", key.Text("key"));
        Assert.DoesNotContain(key.Text("key"), list.GetRawText(), StringComparison.Ordinal);
        var listed = Assert.Single(list.GetProperty("data").EnumerateArray(), listed => listed.Text("id") == key.Text("id"));
        Assert.Equal(("web", key.Text("hint")), (listed.Text("name"), listed.Text("hint")));
        Assert.False(listed.TryGetProperty("key", out _));
        Assert.DoesNotContain(proxy.Log.Lines, line => line.Contains(key.Text("key"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Works_until_it_is_revoked_and_not_a_call_longer()
    {
        using var boss = proxy.Operator();
        var key = await boss.Call("POST /v1/keys", Wanted("short-lived")).Json();
        using var caller = proxy.With(key.Text("key"));
        Assert.Equal(200, await caller.Call("GET /v1/jobs").Status());

        Assert.Equal(204, await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status());

        await caller.Call("GET /v1/jobs").Refused(401, "unauthorized");
        Assert.Equal(204, await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status()); // twice is the same as once
        Assert.NotEmpty((await boss.Call("GET /v1/keys").Json()).GetProperty("data").EnumerateArray().Single(listed => listed.Text("id") == key.Text("id")).Text("revoked_at"));
    }

    [Fact]
    public async Task Works_until_it_expires()
    {
        using var boss = proxy.Operator();
        var key = await boss.Call("POST /v1/keys", Wanted("a day", expires: proxy.Clock.GetUtcNow().AddDays(1))).Json();
        using var caller = proxy.With(key.Text("key"));

        proxy.Clock.Advance(TimeSpan.FromHours(23));
        Assert.Equal(200, await caller.Call("GET /v1/jobs").Status());
        proxy.Clock.Advance(TimeSpan.FromHours(1));

        await caller.Call("GET /v1/jobs").Refused(401, "unauthorized");
    }

    [Fact]
    public async Task Its_jobs_go_on_when_it_is_revoked()
    {
        using var boss = proxy.Operator();
        var key = await boss.Call("POST /v1/keys", Wanted("gone")).Json();
        using var caller = proxy.With(key.Text("key"));
        using var browser = proxy.Anyone();
        var events = (await caller.Create()).GetProperty("links").Text("events");
        var watching = browser.Call($"GET {events}");

        await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status();
        using var stream = await watching;
        var seen = await proxy.End(stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Contains("\"completed\"", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_newest_first()
    {
        using var boss = proxy.Operator();
        await boss.Call("POST /v1/keys", Wanted("older")).Status();
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));
        await boss.Call("POST /v1/keys", Wanted("newer")).Status();

        var all = (await boss.Call("GET /v1/keys").Json()).GetProperty("data").EnumerateArray().Select(key => key.Text("name")).ToList();
        Assert.Equal(["newer", "older"], all.Where(name => name is "newer" or "older"));

        var first = await boss.Call("GET /v1/keys?limit=1").Json();
        var second = await boss.Call($"GET /v1/keys?limit=1&cursor={first.Text("next_cursor")}").Json();
        Assert.Equal(all.Take(2), new[] { first, second }.Select(page => Assert.Single(page.GetProperty("data").EnumerateArray()).Text("name")));
        await boss.Call("GET /v1/keys?limit=0&cursor=nonsense").Refused(400, "malformed");
    }

    [Fact]
    public async Task An_operator_may_make_another_operator()
    {
        using var boss = proxy.Operator();
        using var deputy = proxy.With((await boss.Call("POST /v1/keys", Wanted("deputy", "operator")).Json()).Text("key"));

        Assert.Equal(201, await deputy.Call("POST /v1/keys", Wanted("third")).Status());
    }

    [Fact]
    public async Task Two_keys_never_share_a_secret_or_an_owner()
    {
        using var boss = proxy.Operator();
        var (one, other) = (await boss.Call("POST /v1/keys", Wanted("twin")).Json(), await boss.Call("POST /v1/keys", Wanted("twin")).Json());

        Assert.NotEqual(one.Text("key"), other.Text("key"));
        Assert.NotEqual(one.Text("id"), other.Text("id"));
    }
}
