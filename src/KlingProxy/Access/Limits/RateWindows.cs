using System.Collections.Concurrent;

namespace KlingProxy.Access.Limits;

/// <summary>
/// A window for each of many. Whoever comes after a window's length forgets all that have ended: there is no timer, where each of the framework's own
/// limiters by key wakes the process ten times a second for as long as it lives, which was most of what an idle service did.
/// </summary>
/// <param name="length">Of each window.</param>
internal sealed class RateWindows<TKey>(TimeSpan length, TimeProvider time)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, RateWindow> windows = new();
    private readonly long began = time.GetTimestamp();
    private long sweptAt;

    /// <summary>How many are remembered.</summary>
    public int Count => windows.Count;

    /// <param name="limit">Permits in a window; what the first call that is remembered said holds, so it belongs to the key where it may change.</param>
    public RateLease Take(TKey key, int limit)
    {
        var now = time.GetElapsedTime(began);
        ForgetEnded(now);
        while (true)
            if (windows.GetOrAdd(key, static (_, of) => new RateWindow(of.limit, of.length), (limit, length)).Take(now) is { } lease)
                return lease;
    }

    private void ForgetEnded(TimeSpan now)
    {
        var swept = Volatile.Read(ref sweptAt);
        if (now.Ticks - swept < length.Ticks || Interlocked.CompareExchange(ref sweptAt, now.Ticks, swept) != swept)
            return;
        foreach (var its in windows)
            if (its.Value.Forget(now))
                windows.TryRemove(its);
    }
}
