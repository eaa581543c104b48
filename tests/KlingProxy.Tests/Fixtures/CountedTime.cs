namespace KlingProxy.Tests.Fixtures;

/// <summary>The system's, and how many timers were made of it.</summary>
public sealed class CountedTime : TimeProvider
{
    private int timers;

    public int Timers => timers;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref timers);
        return base.CreateTimer(callback, state, dueTime, period);
    }
}
