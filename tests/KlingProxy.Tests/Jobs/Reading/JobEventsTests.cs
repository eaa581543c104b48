using System.Text.Json;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Reading;

public sealed class JobEventsTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task Tells_a_watcher_everything_from_the_start_and_then_closes()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create()).Text("id");

        var events = await proxy.End(caller.AllEvents(id));

        Assert.Equal(Enumerable.Range(1, events.Count).Select(number => (long)number), events.Sequences());
        Assert.Equal("submitting", events.Statuses().First());
        Assert.Equal(["completed"], events.Statuses().Where(status => status is "completed" or "failed" or "canceled" or "expired"));
        Assert.Equal("2.10", events[^1].Text("cost"));
        Assert.Equal((await caller.Call($"GET /v1/jobs/{id}").Json()).GetProperty("video").GetRawText(), events[^1].GetProperty("video").GetRawText());
    }

    [Fact]
    public async Task Numbers_each_event_as_its_id()
    {
        using var caller = await proxy.NewCaller();
        var job = await Ended(caller);

        await foreach (var (id, data) in caller.Watch($"/v1/jobs/{job}/events", cancel: TestContext.Current.CancellationToken))
            Assert.Equal(data.GetProperty("sequence").GetRawText(), id);
    }

    [Fact]
    public async Task Resumes_after_any_event()
    {
        using var caller = await proxy.NewCaller();
        var job = await Ended(caller);
        var all = (await caller.AllEvents(job)).Sequences().ToList();

        for (var seen = 0; seen < all.Count; seen++)
        {
            Assert.Equal(all.Skip(seen), (await caller.AllEvents(job, $"?after={seen}")).Sequences());
            Assert.Equal(all.Skip(seen), (await caller.AllEvents(job, "", ("Last-Event-ID", $"{seen}"))).Sequences());
        }
    }

    [Fact]
    public async Task Tells_whoever_has_everything_to_come_no_more()
    {
        using var caller = await proxy.NewCaller();
        var job = await Ended(caller);
        var last = (await caller.AllEvents(job)).Sequences().Last();

        using var reply = await caller.Call($"GET /v1/jobs/{job}/events?after={last}");

        Assert.Equal((204, 0), ((int)reply.StatusCode, (await reply.Content.ReadAsByteArrayAsync(Cancel)).Length));
        Assert.Equal(204, await caller.Call($"GET /v1/jobs/{job}/events", null, ("Last-Event-ID", $"{last}")).Status());
        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{job}/events?after={last}", null, ("Accept", "application/json")).Status());
    }

    [Fact]
    public async Task Believes_where_a_browser_is_rather_than_where_it_began()
    {
        using var caller = await proxy.NewCaller();
        var job = await Ended(caller);
        var all = (await caller.AllEvents(job)).Sequences().ToList();

        Assert.Equal(all.Skip(2), (await caller.AllEvents(job, "?after=0", ("Last-Event-ID", "2"))).Sequences());
        Assert.Equal(all, (await caller.AllEvents(job, "?after=0", ("Last-Event-ID", ""))).Sequences());
        Assert.Equal(204, await caller.Call($"GET /v1/jobs/{job}/events?after=1", null, ("Last-Event-ID", $"{all[^1]}")).Status());
        await caller.Call($"GET /v1/jobs/{job}/events?after=1", null, ("Last-Event-ID", "yesterday")).Refused(400, "malformed");
    }

    [Fact]
    public async Task Is_held_back_by_nobody_and_says_when_to_come_back()
    {
        using var caller = await proxy.NewCaller();
        var job = await Ended(caller);
        var pauses = new HashSet<string>();

        for (var stream = 0; stream < 8; stream++)
        {
            using var reply = await caller.Call($"GET /v1/jobs/{job}/events");
            Assert.Equal(("no-cache, no-transform", "no"), (reply.Headers.NonValidated["Cache-Control"].ToString(), Assert.Single(reply.Headers.GetValues("X-Accel-Buffering"))));
            var retry = Assert.Single((await reply.Content.ReadAsStringAsync(Cancel)).Split('\n'), line => line.StartsWith("retry: ", StringComparison.Ordinal));
            Assert.InRange(int.Parse(retry["retry: ".Length..], System.Globalization.CultureInfo.InvariantCulture), 1000, 6000);
            pauses.Add(retry);
        }

        Assert.True(pauses.Count > 1, "All come back at once.");
    }

    [Fact]
    public async Task Misses_nothing_across_a_reconnect_while_the_job_runs()
    {
        using var caller = await proxy.NewCaller();
        var job = (await caller.Create()).Text("id");
        await caller.Reaches(job, "queued");

        proxy.FalClock.Advance(TimeSpan.FromSeconds(30));
        await caller.Reaches(job, "in_progress", after: 2);
        var rest = await proxy.End(caller.AllEvents(job, "?after=2"));

        Assert.Equal(Enumerable.Range(3, rest.Count).Select(number => (long)number), rest.Sequences());
        Assert.Equal(["in_progress", "finalizing", "completed"], rest.Statuses().Where(status => status != "queued"));
    }

    [Theory]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json;q=0.9", "application/json")]
    [InlineData("text/event-stream", "text/event-stream")]
    [InlineData("application/json, text/event-stream", "text/event-stream")]
    [InlineData("*/*", "text/event-stream")]
    [InlineData("junk", "text/event-stream")]
    public async Task Answers_in_the_form_that_is_asked_for(string accept, string form)
    {
        using var caller = await proxy.NewCaller();
        var job = await Ended(caller);

        using var reply = await caller.Call($"GET /v1/jobs/{job}/events", null, ("Accept", accept));

        Assert.Equal((200, form), ((int)reply.StatusCode, reply.Content.Headers.ContentType?.MediaType));
        Assert.True(reply.Headers.CacheControl is { NoStore: true } or { NoCache: true });
    }

    [Fact]
    public async Task Says_the_same_as_JSON_as_on_the_stream()
    {
        using var caller = await proxy.NewCaller();
        var job = await Ended(caller);

        var list = await caller.Call($"GET /v1/jobs/{job}/events", null, ("Accept", "application/json")).Json();
        var later = await caller.Call($"GET /v1/jobs/{job}/events?after=2", null, ("Accept", "application/json")).Json();

        Assert.Equal((await caller.AllEvents(job)).Select(happened => happened.GetRawText()), Data(list).Select(happened => happened.GetRawText()));
        Assert.Equal(Data(list).Skip(2).Sequences(), Data(later).Sequences());
    }

    [Fact]
    public async Task Answers_JSON_of_a_running_job_at_once()
    {
        using var caller = await proxy.NewCaller();
        var job = (await caller.Create()).Text("id");

        Assert.Equal(["submitting", "queued"], Data(await caller.Call($"GET /v1/jobs/{job}/events", null, ("Accept", "application/json")).Json()).Statuses());
    }

    [Fact]
    public async Task Many_watchers_cost_fal_one_stream()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var job = (await caller.Create(order)).Text("id");

        var watching = Task.WhenAll(Enumerable.Range(0, 10).Select(_ => caller.AllEvents(job)));
        var seen = await proxy.End(watching);

        Assert.All(seen, events => Assert.Equal("completed", events.Statuses().Last()));
        Assert.Equal(1, proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Streams);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<string> Ended(HttpClient caller) => (await proxy.End(caller, (await caller.Create()).Text("id"))).Text("id");

    private static List<JsonElement> Data(JsonElement list) => [.. list.GetProperty("data").EnumerateArray()];
}
