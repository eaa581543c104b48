using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KlingProxy.Storage;

/// <summary>Whether the database can be read and written: without it no job may be taken.</summary>
internal sealed class StorageHealth(ISqlDatabase database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await database.Write(sql => sql.Query("SELECT COUNT(*) FROM migrations", row => row.GetInt64(0)));
        return HealthCheckResult.Healthy();
    }
}
