using System.Globalization;

namespace KlingProxy.Sandbox.Tests;

public sealed class AcceleratedTimeTests
{
    [Fact]
    public async Task An_hour_passes_in_a_moment()
    {
        var time = new AcceleratedTime(10_000);
        var (before, started) = (time.GetUtcNow(), time.GetTimestamp());

        await Task.Delay(TimeSpan.FromHours(1), time, TestContext.Current.CancellationToken);

        // System timers may fire some milliseconds early, each of which is ten seconds here.
        Assert.True(time.GetUtcNow() - before >= TimeSpan.FromMinutes(55));
        Assert.True(time.GetElapsedTime(started) >= TimeSpan.FromMinutes(55));
    }

    [Fact]
    public async Task An_infinite_timer_stays_infinite()
    {
        var time = new AcceleratedTime(1_000_000);
        using var cancelled = new CancellationTokenSource();

        var forever = Task.Delay(Timeout.InfiniteTimeSpan, time, cancelled.Token);
        await Task.Delay(TimeSpan.FromHours(1), time, TestContext.Current.CancellationToken);

        Assert.False(forever.IsCompleted);
        await cancelled.CancelAsync();
    }

    [Fact]
    public async Task Is_one_time_for_all_who_name_the_same_beginning()
    {
        var since = DateTimeOffset.UtcNow;
        var first = new AcceleratedTime(1000, since);
        await Task.Delay(TimeSpan.FromMinutes(1), first, TestContext.Current.CancellationToken);
        var second = new AcceleratedTime(1000, since);

        Assert.InRange(second.GetUtcNow(), since.AddSeconds(55), first.GetUtcNow().AddMinutes(1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Refuses_a_speed_that_is_none(double speed) => Assert.Throws<ArgumentOutOfRangeException>(() => new AcceleratedTime(speed));

    [Fact]
    public async Task A_four_minute_job_completes_in_a_moment()
    {
        await using var twin = await Twin.Start(options => options with { Clock = new AcceleratedTime(100_000) });
        var id = await twin.Submit();

        await twin.Fal.Settled(id, TestContext.Current.CancellationToken);

        Assert.Equal("COMPLETED", (string?)(await twin.StatusOf(id))["status"]);
    }

    /// <summary>Its four minutes were a second, and whoever reads when it was what lives by the wall.</summary>
    [Fact]
    public async Task What_such_a_job_did_is_dated_as_it_was()
    {
        await using var twin = await Twin.Start(options => options with { Clock = new AcceleratedTime(200) });
        var before = DateTimeOffset.UtcNow;
        var id = await twin.Submit();
        await twin.Fal.Settled(id, TestContext.Current.CancellationToken);
        var after = DateTimeOffset.UtcNow;

        var logs = (await twin.StatusOf(id, "?logs=1"))["logs"]!.AsArray().Select(line => DateTimeOffset.Parse((string)line!["timestamp"]!, CultureInfo.InvariantCulture)).ToList();
        using var listed = await twin.Requests();
        var request = (await Twin.Json(listed))["items"]!.AsArray().Single()!;

        Assert.Equal(3, logs.Count);
        Assert.Equal(logs.Order(), logs);
        Assert.All(logs, line => Assert.InRange(line, before.AddMilliseconds(-1), after)); // told in whole microseconds
        Assert.InRange(DateTimeOffset.Parse((string)request["ended_at"]!, CultureInfo.InvariantCulture), before.AddSeconds(-1), after); // and in whole seconds
        Assert.InRange((double)request["duration"]!, 0, (after - before).TotalSeconds);
    }
}
