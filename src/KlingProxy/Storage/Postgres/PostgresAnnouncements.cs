using System.Diagnostics;

using KlingProxy.Ids;
using KlingProxy.Jobs.Following;
using KlingProxy.Storage.Live;

using Npgsql;

namespace KlingProxy.Storage.Postgres;

/// <summary>
/// Hears what is written, by other replicas too (triggers tell, see <c>Migrations</c>): which job has news, and which row is no longer what we remember. Asks
/// the server all the while, since its answer says that nothing was missed before the question; without answers nothing that we remember is believed.
/// </summary>
internal sealed partial class PostgresAnnouncements(
    PostgresDatabase database, JobSignals signals, LiveState live, LiveTrust trust, TimeProvider time, ILogger<PostgresAnnouncements> logger)
    : BackgroundService
{
    private const string OfJobs = "klingproxy_jobs", OfRows = "klingproxy_rows";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>Between two questions: several fit into what <see cref="LiveTrust"/> promises.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    private bool saidThatPooled;

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
        await using var connection = await database.OpenAlone();
        try
        {
            connection.Notification += (_, announced) => Heard(announced.Channel, announced.Payload);
            await new SqlSession(connection).Execute($"LISTEN {OfJobs}; LISTEN {OfRows}");
            live.DropAll(); // what was announced before we listened

            // Who it is that answers: a pooler may ask a session of its choice, and what is announced to the one that listens then reaches nobody.
            await using var question = new NpgsqlCommand("SELECT pg_backend_pid()", connection) { CommandTimeout = (int)Pause.TotalSeconds };
            while (true)
            {
                var asked = time.GetTimestamp();
                if (await question.ExecuteScalarAsync(stopping) is int session && session == connection.ProcessID)
                    trust.Heard(asked);
                else if (!Interlocked.Exchange(ref saidThatPooled, true))
                    LogPooled();
                for (var waiting = Stopwatch.StartNew(); waiting.Elapsed < Beat;)
                    await connection.WaitAsync(Beat, stopping);
            }
        }
        finally
        {
            trust.Lose();
        }
    }

    private void Heard(string channel, string payload)
    {
        if (channel == OfJobs)
        {
            live.Jobs.Drop(payload); // whoever looks now shall see the news
            signals.Changed(new JobId(payload));
            return;
        }
        switch (payload.Split(' '))
        {
            case ["jobs", var id]:
                live.Jobs.Drop(id);
                break;
            case ["api_keys", var id]:
                live.Keys.Drop(id);
                break;
            case ["tickets", var id]:
                live.Tickets.Drop(id);
                break;
        }
    }

    [LoggerMessage(5003, LogLevel.Warning,
        "Other replicas' announcements are not heard, so watchers learn a little later, and all is read from the database: {Reason}")]
    private partial void LogDeaf(string reason);

    [LoggerMessage(5005, LogLevel.Warning,
        "PostgreSQL is behind a pooler, which may not pass on what other replicas announce, so all is read from the database: let Storage__Postgres name the "
        + "server itself")]
    private partial void LogPooled();
}
