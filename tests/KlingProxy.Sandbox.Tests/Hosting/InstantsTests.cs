using KlingProxy.Sandbox.Hosting;

using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Sandbox.Tests.Hosting;

public sealed class InstantsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0.4)] // milliseconds that pass between two readings
    [InlineData(1.5)]
    [InlineData(5)]
    public async Task Comes_however_the_clock_goes_on_between_two_readings(double step)
    {
        var clock = new GoingClock(TimeSpan.FromMilliseconds(step));

        await clock.Reach(Start.AddMilliseconds(0.1), Cancel);

        Assert.True(clock.GetUtcNow() >= Start.AddMilliseconds(0.1));
    }

    [Fact]
    public async Task Waits_while_the_clock_stands()
    {
        var clock = new FakeTimeProvider(Start);
        var reached = clock.Reach(Start.AddTicks(1), Cancel);

        Assert.False(reached.IsCompleted);
        clock.Advance(TimeSpan.FromMilliseconds(1));

        await reached;
    }

    [Fact]
    public async Task Is_not_missed_when_the_clock_turns_before_the_alarm_is_set()
    {
        var clock = new TurningClock(Start);

        await clock.Reach(Start.AddMinutes(1), Cancel);

        Assert.Equal(Start.AddMinutes(1), clock.GetUtcNow());
    }

    [Fact]
    public async Task Never_comes_where_there_is_none()
    {
        var clock = new FakeTimeProvider(Start);
        using var stop = new CancellationTokenSource();
        var reached = clock.Reach(null, stop.Token);

        clock.Advance(TimeSpan.FromDays(1));
        Assert.False(reached.IsCompleted);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reached);
    }

    /// <summary>Somebody turns it to the instant just before the first alarm is set; then it stands.</summary>
    private sealed class TurningClock(DateTimeOffset start) : FakeTimeProvider(start)
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            SetUtcNow(Start.AddMinutes(1));
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }

    /// <summary>Every reading is a step later than the one before.</summary>
    private sealed class GoingClock(TimeSpan step) : TimeProvider
    {
        private DateTimeOffset now = Start;

        public override DateTimeOffset GetUtcNow()
        {
            var read = now;
            now += step;
            return read;
        }
    }
}
