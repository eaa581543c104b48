using KlingProxy.Ids;
using KlingProxy.Jobs.Following;

namespace KlingProxy.Storage.Postgres;

/// <summary>
/// Hears what other replicas wrote (a trigger on the events tells, see <c>Migrations</c>) and passes it on as the hint that it is. What it misses is read from
/// the store within seconds.
/// </summary>
internal sealed partial class PostgresAnnouncements(PostgresDatabase database, JobSignals signals, TimeProvider time,
    ILogger<PostgresAnnouncements> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Listen(stoppingToken);
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                LogDeaf(error.Message);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    private async Task Listen(CancellationToken stopping)
    {
        await using var connection = await database.Open();
        connection.Notification += (_, announced) => signals.Changed(new JobId(announced.Payload));
        await new SqlSession(connection).Execute("LISTEN klingproxy_jobs");
        while (true)
            await connection.WaitAsync(stopping);
    }

    [LoggerMessage(5003, LogLevel.Warning, "Other replicas' announcements are not heard, so watchers learn a little later: {Reason}")]
    private partial void LogDeaf(string reason);
}
