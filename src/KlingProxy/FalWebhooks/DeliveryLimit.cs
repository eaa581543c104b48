using KlingProxy.Access.Limits;
using KlingProxy.Ids;

namespace KlingProxy.FalWebhooks;

/// <summary>
/// How many deliveries one job may get, so that whoever learns its address cannot make us verify signatures without end. It counts only
/// what carries a job's MAC: strangers are turned away before, and cost no memory here.
/// </summary>
internal sealed class DeliveryLimit(TimeProvider time)
{
    /// <summary>Per job and minute. fal delivers the same thing 31 times at most, and has been seen to deliver dozens at once.</summary>
    public const int PerMinute = 120;

    private readonly RateWindows<JobId> jobs = new(TimeSpan.FromMinutes(1), time);

    /// <param name="retryAfter">When the next window begins.</param>
    public bool Admits(JobId jobId, out TimeSpan retryAfter)
    {
        var lease = jobs.Take(jobId, PerMinute);
        retryAfter = lease.Reset;
        return lease.IsAcquired;
    }
}
