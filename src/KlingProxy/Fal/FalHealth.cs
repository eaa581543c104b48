using KlingProxy.Fal.Calls;

using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KlingProxy.Fal;

/// <summary>
/// Degraded, not unhealthy, while fal refuses our key or balance: reads and running jobs go on, and taking us out of rotation would stop them.
/// </summary>
internal sealed class FalHealth(FalStanding standing) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(standing.Current is { } trouble ? HealthCheckResult.Degraded(trouble.Code) : HealthCheckResult.Healthy());
}
