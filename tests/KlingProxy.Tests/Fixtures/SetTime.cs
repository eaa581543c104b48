namespace KlingProxy.Tests.Fixtures;

/// <summary>A clock whose hands somebody sets, as a time server does, while the time that passes goes on as it did: timers and time stamps are another's.</summary>
public sealed class SetTime(TimeProvider passing) : TimeProvider
{
    /// <summary>By how much the hands are ahead.</summary>
    public TimeSpan Ahead { get; set; }

    public override long TimestampFrequency => passing.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => passing.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => passing.GetUtcNow() + Ahead;

    public override long GetTimestamp() => passing.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        passing.CreateTimer(callback, state, dueTime, period);
}
