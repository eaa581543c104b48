namespace KlingProxy.Access.Limits;

/// <summary>
/// So many permits per window; a window begins with the first permit after the last one ended. The framework's own limiters tell neither
/// what is left nor until when, which a polite client needs to know before it is refused.
/// </summary>
/// <param name="limit">Permits in a window.</param>
internal sealed class RateWindow(int limit, TimeSpan length)
{
    private readonly Lock gate = new();
    private TimeSpan ends;
    private int used;
    private bool isForgotten;

    /// <param name="now">
    /// What has passed since a beginning that is the same in every call: a wall clock may be set back, and would hold the window open for so long.
    /// </param>
    /// <returns><c>null</c> when this was forgotten: whoever asks next is to ask another.</returns>
    public RateLease? Take(TimeSpan now)
    {
        lock (gate)
        {
            if (isForgotten)
                return null;
            if (now >= ends)
                (ends, used) = (now + length, 0);
            var fits = used < limit;
            if (fits)
                used++; // a refused call costs nothing, so waiting always helps
            return new RateLease(fits, limit, limit - used, ends - now, length);
        }
    }

    /// <summary>Once a window has ended there is nothing to remember.</summary>
    /// <returns>Whether it had.</returns>
    public bool Forget(TimeSpan now)
    {
        lock (gate)
            return isForgotten = now >= ends;
    }
}

/// <param name="IsAcquired">The call may go on.</param>
/// <param name="Limit">Permits in a window.</param>
/// <param name="Left">Of these, after this call.</param>
/// <param name="Reset">Until the window ends.</param>
/// <param name="Length">Of the window.</param>
internal sealed record RateLease(bool IsAcquired, int Limit, int Left, TimeSpan Reset, TimeSpan Length)
{
    /// <summary>Rounded up: whoever comes back then is let in.</summary>
    public int ResetSeconds => (int)Math.Ceiling(Reset.TotalSeconds);
}
