using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Access.Limits;

public sealed class StreamPlacesTests(StreamPlacesTests.StreamPlacesFixture proxy) : IClassFixture<StreamPlacesTests.StreamPlacesFixture>
{
    private const int Max = 3, MaxOfATicket = 2;

    private const string Glance = "https://queue.fal.run/fal-ai/kling-video/requests/{id}/status";

    [Fact]
    public async Task Refuses_one_too_many_and_takes_the_next_once_one_has_closed()
    {
        using var caller = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        var (id, others) = ((await caller.Create()).Text("id"), (await other.Create()).Text("id"));
        var streams = await Open(caller, $"GET /v1/jobs/{id}/events");

        Assert.Equal(Max, (await caller.Call($"GET /v1/jobs/{id}/events").Refused(429, "too-many-streams")).GetProperty("limit").GetInt32());
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
        await proxy.Until(() => proxy.Services.GetRequiredService<StreamPlaces>().Taken == 0); // nothing is ever lost
    }

    [Theory]
    [InlineData("POST /v1/jobs")]
    [InlineData("POST /fal/queue/fal-ai/kling-video/o3/4k/image-to-video")]
    public async Task Counts_a_submit_that_waits_for_fals_answer_and_lets_none_wait_without_a_place(string door)
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");
        var streams = await Open(caller, $"GET /v1/jobs/{id}/events");
        streams[0].Dispose();
        await proxy.Until(() => proxy.Services.GetRequiredService<StreamPlaces>().Taken == Max - 1);
        JsonNode Body(JsonNode order) => door.EndsWith("jobs", StringComparison.Ordinal) ? order : order["input"]!;

        var waits = caller.Call(door, Body(Given.OrderThat("holds-reply")));
        await proxy.Until(() => proxy.Services.GetRequiredService<StreamPlaces>().Taken == Max);
        await caller.Call($"GET /v1/jobs/{id}/events").Refused(429, "too-many-streams");
        using var told = await caller.Call(door, Body(Given.OrderThat("holds-reply")));

        Assert.Contains((int)told.StatusCode, new[] { 200, 202 });
        Assert.False(waits.IsCompleted); // fal has not answered either of them
        proxy.LetJobsEnd();
        streams.ForEach(stream => stream.Dispose());
        (await waits).Dispose();
        await proxy.Until(() => proxy.Services.GetRequiredService<StreamPlaces>().Taken == 0);
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
        const string Page = "https://app.example.com";
        using var server = await proxy.NewCaller("tickets");
        var ticket = (await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "2.10", ["origin"] = Page }).Json()).Text("ticket");
        using var browser = proxy.With(ticket);
        var id = (await browser.Call("POST /v1/jobs", Given.Order(), ("Origin", Page)).Json()).Text("id");

        var streams = await Open(browser, $"GET /v1/jobs/{id}/events", MaxOfATicket);

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

    /// <summary>However many jobs somebody has, and links to them: these have one share, beside the owner's own.</summary>
    [Fact]
    public async Task Counts_the_viewers_of_all_links_of_one_owner_together()
    {
        using var caller = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        using var viewer = proxy.Anyone();
        var (one, two, theirs) = (await caller.Create(), await caller.Create(), await other.Create());
        var streams = await Open(viewer, $"GET {Events(one)}", Max - 1);
        streams.AddRange(await Open(viewer, $"GET {Events(two)}", 1));

        await viewer.Call($"GET {Events(one)}").Refused(429, "too-many-streams");
        await viewer.Call($"GET {Events(two)}").Refused(429, "too-many-streams");
        using (var fals = await viewer.Call($"GET {proxy.Services.GetRequiredService<SignedLinks>().Sign($"/fal/queue/fal-ai/kling-video/requests/{two.Text("id")}/status/stream")}"))
            Assert.Equal((429, TimeSpan.FromSeconds(5)), ((int)fals.StatusCode, fals.Headers.RetryAfter?.Delta));
        Assert.Equal(200, await viewer.Call($"GET {Events(one)}", null, ("Accept", "application/json")).Status());
        streams.AddRange(await Open(viewer, $"GET {Events(theirs)}")); // many in one office watch, each somebody else's
        streams.AddRange(await Open(caller, $"GET /v1/jobs/{one.Text("id")}/events")); // no stranger takes its own places
        streams.ForEach(stream => stream.Dispose());
        await proxy.Until(() => proxy.Services.GetRequiredService<StreamPlaces>().Taken == 0);
    }

    [Fact]
    public async Task A_ticket_has_no_more_by_its_jobs_link_than_by_itself()
    {
        const string Page = "https://app.example.com";
        using var server = await proxy.NewCaller("tickets");
        var ticket = (await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "2.10", ["origin"] = Page }).Json()).Text("ticket");
        using var browser = proxy.With(ticket);
        using var viewer = proxy.Anyone();
        var job = await browser.Call("POST /v1/jobs", Given.Order(), ("Origin", Page)).Json();

        var streams = await Open(viewer, $"GET {Events(job)}", MaxOfATicket);

        await viewer.Call($"GET {Events(job)}").Refused(429, "too-many-streams");
        streams.AddRange(await Open(browser, $"GET /v1/jobs/{job.Text("id")}/events", MaxOfATicket));
        streams.ForEach(stream => stream.Dispose());
    }

    private static string Events(JsonElement job) => job.GetProperty("links").Text("events");

    private static async Task<List<HttpResponseMessage>> Open(HttpClient caller, string call, int count = Max)
    {
        var streams = new List<HttpResponseMessage>();
        for (var stream = 0; stream < count; stream++)
        {
            streams.Add(await caller.Call(call));
            Assert.Equal(200, (int)streams[^1].StatusCode);
        }
        return streams;
    }

    public sealed class StreamPlacesFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Limits:OpenStreamsPerCaller", $"{Max}"), ("Limits:OpenStreamsPerTicket", $"{MaxOfATicket}")];
    }
}

/// <summary>However many callers there are, the memory is one.</summary>
public sealed class StreamPlacesInAllTests(StreamPlacesInAllTests.StreamPlacesInAllFixture proxy) : IClassFixture<StreamPlacesInAllTests.StreamPlacesInAllFixture>
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

    public sealed class StreamPlacesInAllFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Limits:OpenStreams", "3")];
    }
}
