using System.Threading.RateLimiting;

namespace KlingProxy.Access.Limits;

/// <summary>
/// So many permits per window; a window begins with the first permit after the last one ended. The framework's own limiters tell neither
/// what is left nor until when, which a polite client needs to know before it is refused.
/// </summary>
internal sealed class RateWindow(int limit, TimeSpan length, TimeProvider time) : RateLimiter
{
    private readonly Lock gate = new();
    private DateTimeOffset ends = DateTimeOffset.MinValue;
    private int used;

    /// <summary>Once a window has ended there is nothing to remember.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            lock (gate)
                return time.GetUtcNow() is var now && now >= ends ? now - ends : null;
        }
    }

    public override RateLimiterStatistics? GetStatistics() => null;

    protected override RateLease AttemptAcquireCore(int permitCount)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (now >= ends)
                (ends, used) = (now + length, 0);
            var fits = used + permitCount <= limit;
            if (fits)
                used += permitCount; // a refused call costs nothing, so waiting always helps
            return new RateLease(fits, limit, limit - used, ends - now, length);
        }
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(AttemptAcquireCore(permitCount));
}

/// <param name="limit">Permits in a window.</param>
/// <param name="left">Of these, after this call.</param>
/// <param name="reset">Until the window ends.</param>
/// <param name="length">Of the window.</param>
internal sealed class RateLease(bool isAcquired, int limit, int left, TimeSpan reset, TimeSpan length) : RateLimitLease
{
    public override bool IsAcquired => isAcquired;

    public int Limit => limit;

    public int Left => left;

    public TimeSpan Length => length;

    /// <summary>Rounded up: whoever comes back then is let in.</summary>
    public int ResetSeconds => (int)Math.Ceiling(reset.TotalSeconds);

    public override IEnumerable<string> MetadataNames => [MetadataName.RetryAfter.Name];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = metadataName == MetadataName.RetryAfter.Name && !isAcquired ? reset : null;
        return metadata is not null;
    }
}
