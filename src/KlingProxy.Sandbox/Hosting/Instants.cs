namespace KlingProxy.Sandbox.Hosting;

/// <summary>Waiting for an instant rather than for a delay, so that a clock turned meanwhile is not waited for twice.</summary>
internal static class Instants
{
    /// <param name="instant">Null never comes.</param>
    public static async Task Reach(this TimeProvider clock, DateTimeOffset? instant, CancellationToken cancel)
    {
        // One reading for a delay: between two the instant may pass, and a delay of -1 ms would be one for ever.
        while (clock.GetUtcNow() is var now && !(now >= instant))
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var alarm = Task.Delay(Delay(instant - now), clock, over.Token);
            if (!(clock.GetUtcNow() >= instant)) // a clock turned before the alarm was set does not ring it
                await alarm;
            await over.CancelAsync();
        }
    }

    // Rounded up: below 1 ms it would be none.
    private static TimeSpan Delay(TimeSpan? left) =>
        left is { } span ? TimeSpan.FromMilliseconds(Math.Ceiling(span.TotalMilliseconds)) : Timeout.InfiniteTimeSpan;
}
