using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KlingProxy.Tests.Jobs.Following;

/// <summary>A stream on which nothing happens, on a clock that a test turns.</summary>
public sealed class SilentStreamTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/v1/jobs/{id}/events", "event: heartbeat", 15)]
    [InlineData("/fal/queue/fal-ai/kling-video/requests/{id}/status/stream", ": ", 5)]
    public async Task Gives_a_sign_of_life_in_time(string path, string sign, int seconds)
    {
        using var caller = await proxy.NewFalCaller();
        var id = (await caller.Submit(Given.OrderThat("stalls"))).Text("request_id");
        await caller.Reaches(id, "queued");
        using var stream = await caller.Call($"GET {path.Replace("{id}", id, StringComparison.Ordinal)}");
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancel));

        for (var beat = 0; beat < 3; beat++)
        {
            var next = Sign(lines, sign);
            var since = proxy.Clock.GetUtcNow();
            await proxy.TurnUntil(TimeSpan.FromMilliseconds(50), () => next.IsCompleted || proxy.Clock.GetUtcNow() - since >= TimeSpan.FromSeconds(seconds));
            await next.Within(); // by now it is on its way, or it would never come
        }
    }

    [Fact]
    public async Task Says_that_nobody_holds_it_back_at_fals_door_too()
    {
        using var caller = await proxy.NewFalCaller();
        var submitted = await caller.Submit(Given.Order());

        using var stream = await caller.Call($"GET /fal/queue/{FalCalls.App}/requests/{submitted.Text("request_id")}/status/stream");

        Assert.Equal(("text/event-stream", "no-cache, no-transform", "no"),
            (stream.Content.Headers.ContentType?.ToString(), stream.Headers.NonValidated["Cache-Control"].ToString(), Assert.Single(stream.Headers.GetValues("X-Accel-Buffering"))));
    }

    private static async Task<string> Sign(StreamReader lines, string sign)
    {
        while (await lines.ReadLineAsync(Cancel) is { } line)
            if (line.StartsWith(sign, StringComparison.Ordinal))
                return line;
        throw new InvalidOperationException("The stream ended.");
    }
}

/// <summary>The service stops while somebody watches.</summary>
public sealed class BrokenOffStreamTests(BrokenOffStreamTests.BrokenOffStreamFixture proxy) : IClassFixture<BrokenOffStreamTests.BrokenOffStreamFixture>
{
    [Fact]
    public async Task Ends_with_when_to_come_back()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("stalls"))).Text("id");
        var streams = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => caller.Call($"GET /v1/jobs/{id}/events?after=2")));
        var words = streams.Select(stream => stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ToList();

        proxy.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        var last = (await Task.WhenAll(words)).Select(text => text.Trim().Split("\n\n")[^1].Split('\n')).ToList();
        Assert.All(last, lines => Assert.Contains("event: heartbeat", lines));
        Assert.True(last.Select(lines => Assert.Single(lines, line => line.StartsWith("retry: ", StringComparison.Ordinal))).Distinct().Count() > 1, "All come back at once.");
    }

    public sealed class BrokenOffStreamFixture : ProxyFixture;
}

/// <summary>The same of fal's stream, whose clients take an end for the last word.</summary>
public sealed class BrokenOffStatusStreamTests(BrokenOffStatusStreamTests.BrokenOffStatusStreamFixture proxy) : IClassFixture<BrokenOffStatusStreamTests.BrokenOffStatusStreamFixture>
{
    [Fact]
    public async Task Breaks_off_before_the_last_word_and_is_not_ended()
    {
        using var caller = await proxy.NewFalCaller();
        var id = (await caller.Submit(Given.OrderThat("stalls"))).Text("request_id");
        using var stream = await caller.Call($"GET /fal/queue/{FalCalls.App}/requests/{id}/status/stream");
        var words = stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        proxy.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

        await Assert.ThrowsAsync<HttpRequestException>(() => words);
    }

    public sealed class BrokenOffStatusStreamFixture : ProxyFixture;
}
