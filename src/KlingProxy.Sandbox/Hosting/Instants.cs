namespace KlingProxy.Sandbox.Hosting;

/// <summary>Waiting for an instant rather than for a delay, so that a clock turned meanwhile is not waited for twice.</summary>
internal static class Instants
{
    /// <param name="instant">Null never comes.</param>
    public static async Task Reach(this TimeProvider clock, DateTimeOffset? instant, CancellationToken cancel)
    {
        // One reading a turn: between two the instant may pass, and a delay of -1 ms would be one for ever. Rounded up, since one below 1 ms would be none.
        while (clock.GetUtcNow() is var now && !(now >= instant))
            await Task.Delay(instant is { } due ? TimeSpan.FromMilliseconds(Math.Ceiling((due - now).TotalMilliseconds)) : Timeout.InfiniteTimeSpan, clock, cancel);
    }
}
