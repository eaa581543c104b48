namespace KlingProxy.Sandbox.Platform;

/// <summary>
/// From one instant on the wall until before another. Left out, the end is open, where fal's is now:
/// a job's clock may run ahead of the wall, and whatever has ended has ended before now.
/// </summary>
internal sealed record Window(DateTimeOffset From, DateTimeOffset? Until)
{
    public bool Holds(DateTimeOffset instant) => instant >= From && !(instant >= Until);
}
