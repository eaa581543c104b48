namespace KlingProxy.Storage.Sqlite;

/// <summary>
/// Has SQLite look at its tables again where they have changed much: at the start, every day, and at the end. Of each index it reads a few hundred rows, so
/// this takes milliseconds whatever is kept. No plan of ours depends on it (ADR 39): it is for what an operator asks by hand.
/// </summary>
internal sealed partial class SqliteStatistics(ISqlDatabase database, TimeProvider time, ILogger<SqliteStatistics> logger) : BackgroundService
{
    /// <summary>Fewer rows say nothing of what a table will be.</summary>
    private const long TooFew = 1000;

    /// <summary>Within a write.</summary>
    public static async Task<int> Refresh(SqlSession sql)
    {
        await sql.Execute("PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002"); // of all tables, not only of those that this connection has read
        foreach (var gathered in await sql.Query("SELECT name FROM sqlite_master WHERE name IN ('sqlite_stat1', 'sqlite_stat4') ORDER BY name DESC",
            row => row.GetString(0)))
        {
            // Of a table with one row it would read all of it for every row that is wanted, and go on so when there are a million.
            await sql.Execute(
                $"DELETE FROM {gathered} WHERE tbl IN (SELECT tbl FROM sqlite_stat1 GROUP BY tbl HAVING MAX(CAST(stat AS INTEGER)) < @few)", ("@few", TooFew));
        }
        return await sql.Execute("ANALYZE sqlite_schema"); // reads again what is left
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await LookAgain();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var days = new PeriodicTimer(TimeSpan.FromDays(1), time);
        do
            await LookAgain();
        while (await days.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAgain()
    {
        try
        {
            await database.Write(Refresh);
        }
        catch (Exception error)
        {
            LogNotRefreshed(error);
        }
    }

    [LoggerMessage(5004, LogLevel.Warning, "What SQLite knows of its tables was not refreshed")]
    private partial void LogNotRefreshed(Exception error);
}
