using System.Text.Json.Nodes;

using KlingProxy.Access;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Access;

public sealed class OpenStreamsTests(OpenStreamsTests.World proxy) : IClassFixture<OpenStreamsTests.World>
{
    private const int Most = 3, MostOfATicket = 2;

    private const string Glance = "https://queue.fal.run/fal-ai/kling-video/requests/{id}/status";

    [Fact]
    public async Task Refuses_one_too_many_and_takes_the_next_once_one_has_closed()
    {
        using var caller = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        var (id, others) = ((await caller.Create()).Text("id"), (await other.Create()).Text("id"));
        var streams = await Open(caller, $"GET /v1/jobs/{id}/events");

        await caller.Call($"GET /v1/jobs/{id}/events").Refused(429, "too-many-streams");
        await caller.Call($"GET /v1/jobs/{id}", null, ("Prefer", "wait=60")).Refused(429, "too-many-streams");
        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{id}").Status()); // a glance holds nothing
        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{id}/events", null, ("Accept", "application/json")).Status());
        using (var theirs = await other.Call($"GET /v1/jobs/{others}/events"))
            Assert.Equal(200, (int)theirs.StatusCode);

        streams[0].Dispose(); // hangs up
        await proxy.Until(async () =>
        {
            using var next = await caller.Call($"GET /v1/jobs/{id}/events");
            return (int)next.StatusCode == 200;
        });
        streams.ForEach(stream => stream.Dispose());
        await proxy.Until(() => proxy.Services.GetRequiredService<OpenStreams>().Holders == 0); // nothing is ever lost
    }

    [Theory]
    [InlineData("GET /fal/queue/fal-ai/kling-video/requests/{id}/status/stream", null)]
    [InlineData("GET /api/fal/proxy", "https://queue.fal.run/fal-ai/kling-video/requests/{id}/status/stream?logs=0")]
    [InlineData("POST /fal/run/fal-ai/kling-video/o3/4k/image-to-video", null)]
    [InlineData("POST /api/fal/proxy", "https://fal.run/fal-ai/kling-video/o3/4k/image-to-video")]
    // Beside a header that this door does not read; and in letters that routing takes for the same.
    [InlineData("GET /fal/queue/fal-ai/kling-video/requests/{id}/status/stream", Glance)]
    [InlineData("POST /fal/run/fal-ai/kling-video/o3/4k/image-to-video", Glance)]
    [InlineData("GET /FAL/Queue/fal-ai/kling-video/requests/{id}/status/stream", null)]
    [InlineData("POST /FAL/run/fal-ai/kling-video/o3/4k/image-to-video", null)]
    [InlineData("POST /fal/RUN/fal-ai/kling-video/o3/4k/image-to-video/", null)]
    [InlineData("POST /API/Fal/Proxy/", "https://fal.run/fal-ai/kling-video/o3/4k/image-to-video")]
    [InlineData("GET /fal/queue/fal-ai/kling-video/o3/4k/image-to-video/requests/{id}/status/stream", null)]
    public async Task Counts_what_fals_own_clients_hold_open(string call, string? target)
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");
        var streams = await Open(caller, $"GET /v1/jobs/{id}/events");
        var order = Given.Order();
        (string, string)[] header = target is null ? [] : [("x-fal-target-url", target.Replace("{id}", id, StringComparison.Ordinal))];

        using var reply = await caller.Call(call.Replace("{id}", id, StringComparison.Ordinal), call.StartsWith("POST", StringComparison.Ordinal) ? order["input"]!.DeepClone() : null, header);

        Assert.Equal((429, "too-many-streams"), ((int)reply.StatusCode, (await reply.Json()).Text("code")));
        Assert.Equal(0, proxy.SubmitsOf(order));
        streams.ForEach(stream => stream.Dispose());
    }

    [Theory]
    [InlineData("GET /fal/queue/fal-ai/kling-video/requests/{id}/status", 202)]
    [InlineData("GET /fal/run/fal-ai/kling-video/o3/4k/image-to-video", 405)]
    public async Task Holds_no_place_for_what_is_answered_at_once_whatever_a_header_says(string call, int status)
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");
        var streams = await Open(caller, $"GET /v1/jobs/{id}/events");

        foreach (var target in new[] { "https://queue.fal.run/fal-ai/kling-video/requests/{id}/status/stream", "https://fal.run/fal-ai/kling-video/o3/4k/image-to-video" })
            Assert.Equal(status, await caller.Call(call.Replace("{id}", id, StringComparison.Ordinal), null, ("x-fal-target-url", target.Replace("{id}", id, StringComparison.Ordinal))).Status());

        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task Gives_the_holder_of_a_ticket_few()
    {
        const string page = "https://app.example.com";
        using var server = await proxy.NewCaller("tickets");
        var ticket = (await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "2.10", ["origin"] = page }).Json()).Text("ticket");
        using var browser = proxy.With(ticket);
        var id = (await browser.Call("POST /v1/jobs", Given.Order(), ("Origin", page)).Json()).Text("id");

        var streams = await Open(browser, $"GET /v1/jobs/{id}/events", MostOfATicket);

        using (var refused = await browser.Call($"GET /fal/queue/fal-ai/kling-video/requests/{id}/status/stream"))
            Assert.Equal((429, TimeSpan.FromSeconds(5)), ((int)refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task Gives_the_place_back_when_the_job_ends()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");
        var streams = await Open(caller, $"GET /v1/jobs/{id}/events");

        await proxy.End(Task.WhenAll(streams.Select(stream => stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))));

        await proxy.Until(async () => await caller.Call($"GET /v1/jobs/{id}/events").Status() == 200);
        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task Creates_nothing_when_there_is_no_place_to_wait()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");
        var streams = await Open(caller, $"GET /v1/jobs/{id}/events");
        var order = Given.Order();

        await caller.Call("POST /v1/jobs", order, ("Prefer", "wait=5")).Refused(429, "too-many-streams");

        Assert.Equal(0, proxy.SubmitsOf(order));
        Assert.Single((await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray());
        streams.ForEach(stream => stream.Dispose());
    }

    [Fact]
    public async Task Counts_the_viewers_of_a_link_by_the_link()
    {
        using var caller = await proxy.NewCaller();
        using var viewer = proxy.Anyone();
        var (one, other) = (await caller.Create(), await caller.Create());
        var link = one.GetProperty("links").Text("events");
        var streams = await Open(viewer, $"GET {link}");

        await viewer.Call($"GET {link}").Refused(429, "too-many-streams");
        using (var another = await viewer.Call($"GET {other.GetProperty("links").Text("events")}"))
            Assert.Equal(200, (int)another.StatusCode); // many in one office watch, each their own
        using (var owner = await caller.Call($"GET /v1/jobs/{one.Text("id")}/events"))
            Assert.Equal(200, (int)owner.StatusCode);
        streams.ForEach(stream => stream.Dispose());
    }

    private static async Task<List<HttpResponseMessage>> Open(HttpClient caller, string call, int most = Most)
    {
        var streams = new List<HttpResponseMessage>();
        for (var stream = 0; stream < most; stream++)
        {
            streams.Add(await caller.Call(call));
            Assert.Equal(200, (int)streams[^1].StatusCode);
        }
        return streams;
    }

    public sealed class World : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Limits:OpenStreamsPerCaller", $"{Most}"), ("Limits:OpenStreamsPerTicket", $"{MostOfATicket}")];
    }
}

/// <summary>However many callers there are, the memory is one.</summary>
public sealed class OpenStreamsInAllTests(OpenStreamsInAllTests.World proxy) : IClassFixture<OpenStreamsInAllTests.World>
{
    [Fact]
    public async Task Takes_so_many_of_all_together_and_says_when_to_come_back()
    {
        var streams = new List<HttpResponseMessage>();
        for (var stream = 0; stream < 3; stream++)
        {
            using var one = await proxy.NewCaller();
            streams.Add(await one.Call($"GET /v1/jobs/{(await one.Create()).Text("id")}/events"));
            Assert.Equal(200, (int)streams[^1].StatusCode);
        }
        using var other = await proxy.NewCaller();
        var id = (await other.Create()).Text("id");

        using (var refused = await other.Call($"GET /v1/jobs/{id}/events"))
            Assert.Equal((503, TimeSpan.FromSeconds(5)), ((int)refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        await other.Call($"GET /v1/jobs/{id}/events").Refused(503, "overloaded");

        streams.ForEach(stream => stream.Dispose());
        await proxy.Until(async () => await Opens(other, id));
    }

    private static async Task<bool> Opens(HttpClient caller, string id)
    {
        using var stream = await caller.Call($"GET /v1/jobs/{id}/events");
        return (int)stream.StatusCode == 200;
    }

    public sealed class World : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Limits:OpenStreams", "3")];
    }
}
