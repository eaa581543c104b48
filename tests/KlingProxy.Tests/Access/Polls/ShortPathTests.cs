using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Access.Polls;

/// <summary>Whoever polls gets by the short path what they would get by the whole one, byte by byte. A page of another origin always goes the whole one.</summary>
public sealed partial class ShortPathTests(PublicFixture proxy) : IClassFixture<PublicFixture>
{
    private const string Job = "GET /v1/jobs/{0}", Proxy = "GET /api/fal/proxy", Queue = "GET /fal/queue/fal-ai/kling-video/requests/{0}/status",
        QueueWithLogs = "GET /fal/queue/fal-ai/kling-video/requests/{0}/status?logs=1";

    public static TheoryData<string, string> Calls
    {
        get
        {
            var calls = new TheoryData<string, string>();
            foreach (var call in new[] { Job, Proxy, Queue, QueueWithLogs })
                foreach (var who in new[] { "its owner", "a ticket's owner", "somebody else", "an operator", "who may do other things", "a revoked key", "an unknown key", "no form of ours" })
                    calls.Add(call, who);
            return calls;
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Both_paths_answer_alike(string call, string who)
    {
        var (secret, id) = await Caller(who);

        await AssertAlike(call, id, secret);
        await AssertAlike(call, "job_00000000000000000000000000000000", secret);
        await proxy.EndUnseen(id);
        await AssertAlike(call, id, secret);
    }

    [Theory]
    [InlineData("If-None-Match", "*")]
    [InlineData("If-None-Match", "W/\"1\"")]
    [InlineData("If-None-Match", "nonsense")]
    [InlineData("Prefer", "wait=0")]
    [InlineData("Accept", "text/html")]
    [InlineData("x-fal-no-such-thing", "1")]
    [InlineData("X-Request-Id", "mine")]
    [InlineData("Authorization", "Basic abc")]
    public async Task Both_paths_heed_the_same_headers(string name, string value)
    {
        var (secret, id) = await Caller("its owner");

        foreach (var call in new[] { Job, Proxy, Queue })
            await AssertAlike(call, id, secret, (name, value));
    }

    [Theory]
    [InlineData("GET /v1/jobs/{0}?wait=1")]
    [InlineData("GET /v1/jobs/{0}/")]
    [InlineData("GET /v1/jobs/{0}/events")]
    [InlineData("GET /V1/jobs/{0}")]
    [InlineData("GET /v1/jobs/%6aob_1")]
    [InlineData("GET /v1/jobs/")]
    [InlineData("HEAD /v1/jobs/{0}")]
    [InlineData("POST /v1/jobs/{0}")]
    [InlineData("GET /fal/queue//fal-ai/kling-video/requests/{0}/status")]
    [InlineData("GET /fal/queue/fal-ai/kling-video/requests/{0}/status/")]
    [InlineData("GET /fal/queue/fal-ai/kling-video/requests/{0}/status%3Flogs=1")]
    [InlineData("GET /fal/queue/fal-ai/kling-video/requests/{0}/status?logs=maybe")]
    [InlineData("GET /fal/queue/fal-ai/another/requests/{0}/status")]
    [InlineData("GET /fal/queue/status")]
    [InlineData("PUT /fal/queue/fal-ai/kling-video/requests/{0}/status")]
    public async Task What_is_no_plain_poll_is_answered_as_ever(string call)
    {
        var (secret, id) = await Caller("its owner");
        await proxy.EndUnseen(id);

        await AssertAlike(call, id, secret, ("Accept", "application/json"));
    }

    [Theory]
    [InlineData(Job, true)]
    [InlineData(Proxy, true)]
    [InlineData(Queue, true)]
    [InlineData(QueueWithLogs, true)]
    [InlineData("GET /v1/jobs", false)]
    public async Task A_poll_chooses_among_no_routes(string call, bool isShort)
    {
        var (secret, id) = await Caller("its owner");
        using var client = proxy.With(secret);
        var matched = new ConcurrentBag<string>();
        using var watching = proxy.Services.GetRequiredService<DiagnosticListener>().Subscribe(new Routes(matched), name => name.EndsWith(".EndpointMatched", StringComparison.Ordinal));

        await client.Call(Line(call, id), null, [.. Target(call, id), ("X-Request-Id", id)]).Status();

        Assert.Equal(!isShort, matched.Contains(id));
    }

    [Theory]
    [InlineData(Job)]
    [InlineData(Proxy)]
    public async Task A_poll_counts_like_every_call_and_beyond_the_rate_is_refused_alike(string call)
    {
        using var boss = proxy.Operator();
        var key = await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "slow", ["scopes"] = new JsonArray("jobs"), ["requests_per_minute"] = 4 }).Json();
        var (_, id) = await Caller("its owner");

        var first = await Rate(call, id, key.Text("key"));
        var second = await Rate(call, id, key.Text("key"), ("Origin", "https://elsewhere.example"));
        var others = new[] { await Rate(call, id, key.Text("key")), await Rate(call, id, key.Text("key")), await Rate(call, id, key.Text("key")) };

        Assert.Equal([(404, "r=3"), (404, "r=2"), (404, "r=1"), (404, "r=0"), (429, "r=0")], [first, second, .. others]);
        await AssertAlike(call, id, key.Text("key"));
    }

    private async Task<(string Secret, string JobId)> Caller(string who)
    {
        using var boss = proxy.Operator();
        var secret = await proxy.NewKey("jobs", "tickets");
        using var owner = proxy.With(secret);
        if (who == "a ticket's owner")
        {
            var ticket = await owner.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "10.00", ["origin"] = proxy.Address.GetLeftPart(UriPartial.Authority) }).Json();
            using var page = proxy.With(ticket.Text("ticket"));
            page.DefaultRequestHeaders.Add("Origin", proxy.Address.GetLeftPart(UriPartial.Authority));
            return (ticket.Text("ticket"), (await page.Create(Given.Order())).Text("id"));
        }
        var id = (await owner.Create(Given.Order())).Text("id");
        return (who switch
        {
            "its owner" => secret,
            "somebody else" => await proxy.NewKey(),
            "an operator" => ProxyFixture.OperatorKey,
            "who may do other things" => await proxy.NewKey("tickets"),
            "a revoked key" => await Revoked(boss),
            "an unknown key" => "kp_" + new string('0', 48),
            _ => "nobody's",
        }, id);
    }

    private static async Task<string> Revoked(HttpClient boss)
    {
        var key = await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "revoked", ["scopes"] = new JsonArray("jobs") }).Json();
        await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status();
        return key.Text("key");
    }

    private async Task AssertAlike(string call, string id, string secret, params (string Name, string Value)[] headers)
    {
        var origin = secret.StartsWith("kt_", StringComparison.Ordinal) ? proxy.Address.GetLeftPart(UriPartial.Authority) : "https://elsewhere.example";
        using var caller = headers.Any(header => header.Name == "Authorization") ? proxy.Anyone() : proxy.With(secret);

        var quick = await caller.Call(Line(call, id), null, [.. Target(call, id), .. headers]).Essence();
        var whole = await caller.Call(Line(call, id), null, [.. Target(call, id), .. headers, ("Origin", origin)]).Essence();

        Assert.Equal(WithoutWait(whole), WithoutWait(quick));
    }

    // How long to wait may be a second less by the second answer.
    private static string WithoutWait(string answer) => answer.StartsWith("429", StringComparison.Ordinal) ? Seconds().Replace(answer, "n") : answer;

    [GeneratedRegex("(?<=Retry-After: |\"retry_after\":)\\d+")]
    private static partial Regex Seconds();

    private async Task<(int Status, string Rate)> Rate(string call, string id, string secret, params (string Name, string Value)[] headers)
    {
        using var caller = proxy.With(secret);
        using var answer = await caller.Call(Line(call, id), null, [.. Target(call, id), .. headers]);
        return ((int)answer.StatusCode, answer.Headers.GetValues("RateLimit").Single().Split(';')[1]);
    }

    private static string Line(string call, string id) => call.Replace("{0}", id, StringComparison.Ordinal);

    private static (string Name, string Value)[] Target(string call, string id) =>
        call == Proxy ? [("x-fal-target-url", $"https://queue.fal.run/fal-ai/kling-video/requests/{id}/status?logs=0")] : [];

    /// <summary>Notes who was led to a route, by the id that their request has.</summary>
    private sealed class Routes(ConcurrentBag<string> matched) : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Value is HttpContext context)
                matched.Add(context.TraceIdentifier);
        }

        public void OnCompleted()
        {
            // Whoever watches ends it.
        }

        public void OnError(Exception error)
        {
            // There is none.
        }
    }
}
