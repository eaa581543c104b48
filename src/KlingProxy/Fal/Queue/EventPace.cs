namespace KlingProxy.Fal.Queue;

/// <summary>
/// How often somebody who speaks without end is listened to: a few words at once, then a steady drip. What came in between is not told late but not
/// at all; the newest says it.
/// </summary>
internal sealed class EventPace(TimeProvider time)
{
    /// <summary>Every state and every position of an ordinary queue, at once.</summary>
    private const int Burst = 20;

    private const double PerSecond = 2;

    private double allowance = Burst;
    private long since = time.GetTimestamp();

    /// <summary>Zero when the next may be taken now.</summary>
    public TimeSpan Pause
    {
        get
        {
            var now = time.GetTimestamp();
            allowance = Math.Min(Burst, allowance + (time.GetElapsedTime(since, now).TotalSeconds * PerSecond));
            since = now;
            return allowance >= 1 ? TimeSpan.Zero : TimeSpan.FromSeconds((1 - allowance) / PerSecond) + TimeSpan.FromMilliseconds(1);
        }
    }

    public void Take() => allowance--;
}
