using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace KlingProxy.Storage;

/// <summary>
/// Whether the database can be read and written: without it no job may be taken. Only a write that reaches the disk finds out that the disk is full.
/// </summary>
internal sealed class StorageHealth(ISqlDatabase database, TimeProvider time) : IHealthCheck
{
    /// <summary>Anyone may ask, and a write costs an fsync: a good answer stands for this long.</summary>
    private static readonly TimeSpan Standing = TimeSpan.FromSeconds(1);

    private long? lastGood; // on the monotonic clock, which nobody sets back

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (lastGood is { } then && time.GetElapsedTime(then) < Standing)
            return HealthCheckResult.Healthy();

        await database.Write(async sql =>
        {
            // A row comes and goes: to write what is there already is no write to SQLite.
            await sql.Execute("INSERT INTO migrations (number, at) VALUES (0, 0)");
            return await sql.Execute("DELETE FROM migrations WHERE number = 0");
        });
        lastGood = time.GetTimestamp();
        return HealthCheckResult.Healthy();
    }
}
