using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Limits;

public sealed class RequestRatesTests : IAsyncLifetime
{
    private const int Limit = 5;

    private readonly RequestRatesFixture proxy = new();

    public ValueTask InitializeAsync() => proxy.InitializeAsync();

    public ValueTask DisposeAsync() => proxy.DisposeAsync();

    [Fact]
    public async Task Says_with_every_answer_what_is_left_and_refuses_what_is_too_much()
    {
        using var caller = await proxy.NewCaller();

        for (var left = Limit - 1; left >= 0; left--)
        {
            using var reply = await caller.Call("GET /v1/models");
            Assert.Equal((200, "\"default\";q=5;w=60", $"\"default\";r={left};t=60"), ((int)reply.StatusCode, Header(reply, "RateLimit-Policy"), Header(reply, "RateLimit")));
        }
        proxy.Clock.Advance(TimeSpan.FromSeconds(20.5));
        using (var refused = await caller.Call("GET /v1/models"))
            Assert.Equal(("40", "\"default\";r=0;t=40"), (Header(refused, "Retry-After"), Header(refused, "RateLimit")));
        await caller.Call("GET /v1/models").Refused(429, "too-many-requests");

        proxy.Clock.Advance(TimeSpan.FromSeconds(40)); // as Retry-After said
        Assert.Equal(200, await caller.Call("GET /v1/models").Status());
    }

    [Fact]
    public async Task Counts_each_caller_alone()
    {
        using var one = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        await Use(one);

        Assert.Equal((429, 200), (await one.Call("GET /v1/models").Status(), await other.Call("GET /v1/models").Status()));
    }

    [Fact]
    public async Task A_keys_own_limit_wins()
    {
        using var boss = proxy.Operator();
        using var quick = proxy.With(await Key(boss, 7));
        using var slow = proxy.With(await Key(boss, 2));

        foreach (var (caller, limit) in new[] { (quick, 7), (slow, 2) })
        {
            for (var call = 0; call < limit; call++)
                Assert.Equal(200, await caller.Call("GET /v1/models").Status());
            await caller.Call("GET /v1/models").Refused(429, "too-many-requests");
        }
    }

    [Fact]
    public async Task Limits_guessing_too_without_locking_out_who_has_a_key()
    {
        using var caller = await proxy.NewCaller();
        using var thief = proxy.Anyone();

        for (var guess = 0; guess < Limit; guess++)
            await thief.Call("GET /v1/keys", null, ("Authorization", $"Bearer kp_{guess:D48}")).Refused(401, "unauthorized");

        await thief.Call("GET /v1/keys", null, ("Authorization", $"Bearer kp_{9:D48}")).Refused(429, "too-many-requests");
        await thief.Call("GET /v1/nothing").Refused(429, "too-many-requests");
        Assert.Equal(200, await caller.Call("GET /v1/models").Status()); // from the same address
    }

    [Fact]
    public async Task Spends_nothing_when_it_refuses()
    {
        using var caller = await proxy.NewCaller();
        await Use(caller);
        var order = Given.Order();

        await caller.Call("POST /v1/jobs", order).Refused(429, "too-many-requests");

        Assert.Equal(0, proxy.SubmitsOf(order));
    }

    [Theory]
    [InlineData("GET /")]
    [InlineData("GET /studio/studio.js")]
    [InlineData("GET /health/live")]
    [InlineData("GET /problems")]
    [InlineData("GET /openapi/v1.json")]
    [InlineData("GET /swagger/index.html")]
    [InlineData("POST /webhooks/fal/a/b")]
    public async Task Leaves_alone_what_is_open_to_everyone(string call)
    {
        using var anyone = proxy.Anyone();

        for (var time = 0; time < Limit + 2; time++)
        {
            using var reply = await anyone.Call(call);
            Assert.NotEqual(429, (int)reply.StatusCode);
            Assert.False(reply.Headers.Contains("RateLimit"));
        }
    }

    private static async Task Use(HttpClient caller)
    {
        for (var call = 0; call < Limit; call++)
            Assert.Equal(200, await caller.Call("GET /v1/models").Status());
    }

    private static async Task<string> Key(HttpClient boss, int perMinute) => (await boss.Call("POST /v1/keys", new JsonObject
    {
        ["name"] = "limited",
        ["scopes"] = new JsonArray("jobs"),
        ["requests_per_minute"] = perMinute,
    }).Json()).Text("key");

    private static string Header(HttpResponseMessage reply, string name) => Assert.Single(reply.Headers.GetValues(name));

    private sealed class RequestRatesFixture : TimedFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Limits:RequestsPerMinute", $"{Limit}")];
    }
}
