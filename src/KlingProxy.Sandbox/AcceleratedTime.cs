namespace KlingProxy.Sandbox;

/// <summary>A clock on which everything, timers included, happens <paramref name="speed"/> times as fast as on the wall.</summary>
/// <param name="speed">
/// Above 0; 60 turns a four-minute job into four seconds. A system timer's few milliseconds of error grow as much,
/// so whoever waits for an instant should look at the clock again after waking.
/// </param>
/// <param name="since">The instant from which on it runs fast; now, unless given. Processes that name the same one share one time.</param>
public sealed class AcceleratedTime(double speed, DateTimeOffset? since = null) : TimeProvider
{
    private readonly double speed = speed is > 0 and < double.PositiveInfinity ? speed : throw new ArgumentOutOfRangeException(nameof(speed));
    private readonly DateTimeOffset origin = Fast(since, System.GetUtcNow(), speed);
    private readonly long started = System.GetTimestamp();

    public double Speed => speed;

    public override long TimestampFrequency => System.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => origin + (System.GetElapsedTime(started) * speed);

    public override long GetTimestamp() => started + (long)((System.GetTimestamp() - started) * speed);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(System.CreateTimer(callback, state, Shortened(dueTime), Shortened(period)), Shortened);

    private static DateTimeOffset Fast(DateTimeOffset? since, DateTimeOffset now, double speed) => since is { } begun ? begun + ((now - begun) * speed) : now;

    // Rounded up: a system timer counts whole milliseconds, and a timer that fires early makes its owner spin.
    private TimeSpan Shortened(TimeSpan span) =>
        span <= TimeSpan.Zero ? span : TimeSpan.FromMilliseconds(Math.Ceiling((span / speed).TotalMilliseconds));

    private sealed class Timer(ITimer inner, Func<TimeSpan, TimeSpan> shortened) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(shortened(dueTime), shortened(period));

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
