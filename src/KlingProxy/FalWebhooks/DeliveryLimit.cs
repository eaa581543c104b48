using System.Threading.RateLimiting;

using KlingProxy.Ids;

namespace KlingProxy.FalWebhooks;

/// <summary>
/// How many deliveries one job may get, so that whoever learns its address cannot make us verify signatures without end. It counts only
/// what carries a job's MAC: strangers are turned away before, and cost no memory here.
/// </summary>
internal sealed class DeliveryLimit : IDisposable
{
    /// <summary>Per job and minute. fal delivers the same thing 31 times at most, and has been seen to deliver dozens at once.</summary>
    public const int PerMinute = 120;

    private static readonly FixedWindowRateLimiterOptions Window = new() { PermitLimit = PerMinute, Window = TimeSpan.FromMinutes(1) };

    // Forgets jobs that have been silent for a while.
    private readonly PartitionedRateLimiter<string> limiter =
        PartitionedRateLimiter.Create<string, string>(job => RateLimitPartition.GetFixedWindowLimiter(job, _ => Window));

    /// <param name="retryAfter">When the next window begins.</param>
    public bool Admits(JobId jobId, out TimeSpan retryAfter)
    {
        using var lease = limiter.AttemptAcquire(jobId);
        retryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var pause) ? pause : TimeSpan.Zero;
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}
