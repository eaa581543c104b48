using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Following;
using KlingProxy.Tests.Fal;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Following;

/// <summary>An upstream whose positions jump about makes no row and no event for each, however it tells of them.</summary>
public sealed class FlappingQueueTests(FlappingQueueTests.FlappingQueueFixture proxy) : IClassFixture<FlappingQueueTests.FlappingQueueFixture>
{
    private const string Video = """{"video":{"url":"https://v3b.fal.media/files/b/x/output.mp4"}}""";

    [Fact]
    public async Task Ten_thousand_positions_on_a_stream_are_a_handful_of_events()
    {
        using var caller = await proxy.NewCaller();
        var positions = string.Concat(Enumerable.Range(1, 10_000).Select(position => $$$"""data: {"status":"IN_QUEUE","queue_position":{{{position}}}}{{{"\n\n"}}}"""));
        proxy.Upstream.Answer = path => path switch
        {
            _ when path.Contains("/stream", StringComparison.Ordinal) => $"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\n\r\n{positions}data: {{\"status\":\"COMPLETED\"}}\n\n",
            _ when path.Contains("/status", StringComparison.Ordinal) => RawUpstream.Json(202, """{"status":"IN_QUEUE","queue_position":0}"""),
            _ => RawUpstream.Json(200, Video),
        };

        var events = await caller.AllEvents((await caller.Create()).Text("id"));

        Assert.Equal("completed", events[^1].Text("status"));
        Assert.InRange(events.Count, 5, 200); // 20 at once, and two a second for as long as a slow machine takes
    }

    [Fact]
    public async Task Polls_that_flap_stop_making_events()
    {
        using var caller = await proxy.NewCaller();
        var (polls, ended) = (0, false);
        proxy.Upstream.Answer = path => path switch
        {
            _ when path.Contains("/stream", StringComparison.Ordinal) => RawUpstream.Json(404, "{}"),
            _ when path.Contains("/status", StringComparison.Ordinal) => RawUpstream.Json(202, Volatile.Read(ref ended) ? """{"status":"COMPLETED"}"""
                : Interlocked.Increment(ref polls) is var poll && poll % 3 == 0 ? """{"status":"IN_PROGRESS"}""" : $$"""{"status":"IN_QUEUE","queue_position":{{poll}}}"""),
            _ => RawUpstream.Json(200, Video),
        };
        var id = (await caller.Create()).Text("id");
        var watching = caller.AllEvents(id);

        await proxy.Until(() => Volatile.Read(ref polls) >= 350);
        Volatile.Write(ref ended, true);
        var events = await watching;

        Assert.Equal("completed", events[^1].Text("status"));
        Assert.InRange(events.Count, 200, 330);
    }

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(299, 0, false)]
    [InlineData(300, 0, true)]
    [InlineData(300, 10, false)]
    [InlineData(659, 3600, false)]
    [InlineData(660, 3600, true)]
    public void A_job_may_change_so_often_and_more_often_the_longer_it_waits(long changes, int seconds, bool restless)
    {
        var job = new Job
        {
            Id = new JobId("job_1"),
            CallerId = new CallerId("alice"),
            Model = "m",
            Input = default,
            Seconds = 5,
            UnitPrice = 0.42m,
            EstimatedCost = 2.10m,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Version = changes,
        };

        Assert.Equal(restless, ReconcileSchedule.IsRestless(job, DateTimeOffset.UnixEpoch.AddSeconds(seconds)));
    }

    public sealed class FlappingQueueFixture : ProxyFixture
    {
        internal RawUpstream Upstream { get; } = new() { AnswerPost = _ => RawUpstream.Json(200, $$"""{"request_id":"r-{{Guid.NewGuid():N}}","queue_position":0}""") };

        protected override IEnumerable<(string Name, string Value)> Settings => [("Fal:QueueUrl", Upstream.Url), ("Jobs:FollowLinger", "00:00:00")];

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Upstream.DisposeAsync();
        }
    }
}
