using Npgsql;

using Polly;
using Polly.Retry;

namespace KlingProxy.Storage.Postgres;

/// <summary>
/// One server, several replicas. Writers take turns by a lock of the server, as they do in one process on SQLite; each turn commits all that
/// waits in its replica. A replica that dies or falls silent in its turn loses it.
/// </summary>
internal sealed class PostgresDatabase : ISqlDatabase, IAsyncDisposable
{
    /// <summary>Any number that nobody else locks by in this database. The timeouts are in milliseconds.</summary>
    private const string TakeTurn =
        "SET LOCAL lock_timeout = 10000; SET LOCAL idle_in_transaction_session_timeout = 10000; SELECT pg_advisory_xact_lock(4931736286473)";

    private readonly NpgsqlDataSource source;
    private readonly SqlWriter writer;

    // A server that was restarted leaves dead connections in the pool. Nothing has happened on them yet, so another is tried.
    private readonly ResiliencePipeline reconnect;

    /// <param name="connectionString">As Npgsql writes it, see <c>Storage:Postgres</c>.</param>
    public PostgresDatabase(string connectionString, TimeProvider time)
    {
        source = new NpgsqlSlimDataSourceBuilder(WithDefaults(connectionString)).EnableTransportSecurity().Build();
        writer = new SqlWriter(() => reconnect!.ExecuteAsync(async _ => await BeginTurn(), CancellationToken.None).AsTask());
        reconnect = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<NpgsqlException>(error => error.IsTransient),
                MaxRetryAttempts = 2,
                Delay = TimeSpan.FromMilliseconds(50),
            })
            .Build();
    }

    public string Engine => "postgres";

    public async Task<T> Read<T>(Func<SqlSession, Task<T>> read) => await reconnect.ExecuteAsync(async _ =>
    {
        await using var connection = await Open();
        return await read(new SqlSession(connection));
    });

    public Task<T> Write<T>(Func<SqlSession, Task<T>> write) => writer.Run(write);

    public async Task<NpgsqlConnection> Open() => await source.OpenConnectionAsync();

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        await source.DisposeAsync();
    }

    // A connection that only listens would not notice that the other end has gone. Statements are prepared once per connection, unless its owner says
    // otherwise: some poolers hand each transaction to another one.
    private static string WithDefaults(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.KeepAlive == 0)
            settings.KeepAlive = 30;
        if (!settings.ShouldSerialize("Max Auto Prepare"))
            settings.MaxAutoPrepare = 100;
        return settings.ConnectionString;
    }

    private async Task<SqlTurn> BeginTurn()
    {
        var connection = await Open();
        try
        {
            var transaction = await connection.BeginTransactionAsync();
            await new SqlSession(connection, transaction).Execute(TakeTurn);
            return new SqlTurn(transaction, prepared: null, _ => connection.DisposeAsync());
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
