using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Tests.Queue;

public sealed class StreamTests
{
    [Fact]
    public async Task Sends_each_change_and_closes_after_completed()
    {
        await using var twin = await Twin.Start();
        using var lines = await Open(twin, await twin.Submit());
        var seen = new List<string>();

        foreach (var step in (int[])[5, 5, 5, 5, 220])
        {
            seen.Add(Words(await NextEvent(lines)));
            twin.Clock.Advance(TimeSpan.FromSeconds(step));
        }

        seen.Add(Words(await NextEvent(lines)));

        Assert.Equal(["IN_QUEUE 3", "IN_QUEUE 2", "IN_QUEUE 1", "IN_QUEUE 0", "IN_PROGRESS", "COMPLETED"], seen);
        Assert.Null(await NextEvent(lines));
    }

    [Fact]
    public async Task Begins_with_a_comment_and_beats_between_events()
    {
        await using var twin = await Twin.Start(options => options with { Wall = new AcceleratedTime(1000) });
        using var lines = await Open(twin, await twin.Submit());

        Assert.Equal(": sandbox", await Line(lines));
        await NextEvent(lines);
        Assert.Equal("", await Line(lines));
        Assert.Equal(": ping", await Line(lines));
        Assert.Equal("", await Line(lines));
        Assert.Equal(": ping", await Line(lines));
    }

    [Fact]
    public async Task Sends_logs_as_increments()
    {
        await using var twin = await Twin.Start();
        using var lines = await Open(twin, await twin.Submit(), "?logs=1");

        await NextEvent(lines);
        twin.Clock.Advance(TimeSpan.FromSeconds(20));
        var running = await NextEvent(lines);
        twin.Clock.Advance(TimeSpan.FromSeconds(220));
        var completed = await NextEvent(lines);

        Assert.Equal(["Sandbox: generation started"], Messages(running));
        Assert.Equal(["Sandbox: 50%", "Sandbox: done"], Messages(completed));
    }

    [Fact]
    public async Task Tells_of_a_cancellation_at_once()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit();
        using var lines = await Open(twin, id);
        await NextEvent(lines);

        using var cancelled = await twin.CancelJob(id);
        var last = await NextEvent(lines);

        Assert.Equal("COMPLETED", (string?)last!["status"]);
        Assert.Equal("client_cancelled", (string?)last["error_type"]);
        Assert.Null(await NextEvent(lines));
    }

    [Fact]
    public async Task A_finished_job_has_one_event()
    {
        await using var twin = await Twin.Start();
        using var lines = await Open(twin, await twin.Complete());

        Assert.Equal("COMPLETED", Words(await NextEvent(lines)));
        Assert.Null(await NextEvent(lines));
    }

    [Fact]
    public async Task Drops_stream_ends_it_before_completed()
    {
        await using var twin = await Twin.Start();
        using var lines = await Open(twin, await twin.Submit(Given.Asking("drops-stream")));

        Assert.Equal("IN_QUEUE 3", Words(await NextEvent(lines)));
        Assert.Null(await NextEvent(lines));
    }

    [Fact]
    public async Task An_open_stream_does_not_hold_up_the_end()
    {
        var twin = await Twin.Start();
        using var lines = await Open(twin, await twin.Submit());
        await NextEvent(lines);

        await twin.Fal.DisposeAsync();

        Assert.Null(await NextEvent(lines));
        twin.Http.Dispose();
    }

    private static async Task<StreamReader> Open(Twin twin, string id, string query = "")
    {
        var cancel = TestContext.Current.CancellationToken;
        var response = await twin.Http.GetAsync($"/fal-ai/kling-video/requests/{id}/status/stream{query}", HttpCompletionOption.ResponseHeadersRead, cancel);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        return new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
    }

    private static async Task<string?> Line(StreamReader lines) => await lines.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Within("the stream said more, or ended");

    private static async Task<JsonObject?> NextEvent(StreamReader lines)
    {
        while (await Line(lines) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal)) return JsonNode.Parse(line[6..])!.AsObject();
        }

        return null;
    }

    private static string Words(JsonObject? status) => $"{status?["status"]} {status?["queue_position"]}".Trim();

    private static string[] Messages(JsonObject? status) => [.. status!["logs"]!.AsArray().Select(line => (string)line!["message"]!)];
}
