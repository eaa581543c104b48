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
    private readonly NpgsqlDataSource alone;
    private readonly SqlWriter writer;

    // A server that was restarted leaves dead connections in the pool. Nothing has happened on them yet, so another is tried.
    private readonly ResiliencePipeline reconnect;

    /// <param name="connectionString">As Npgsql writes it, see <c>Storage:Postgres</c>.</param>
    public PostgresDatabase(string connectionString, TimeProvider time)
    {
        var settings = WithDefaults(connectionString);
        source = Source(settings);
        alone = Source(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Pooling = false });
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

    /// <summary>A session that nobody had before and nobody gets after, for what changes it.</summary>
    public async Task<NpgsqlConnection> OpenAlone() => await alone.OpenConnectionAsync();

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        await source.DisposeAsync();
        await alone.DisposeAsync();
    }

    private async Task<NpgsqlConnection> Open() => await source.OpenConnectionAsync();

    // A connection that only listens would not notice that the other end has gone. Statements are prepared once per connection, unless its owner says
    // otherwise: some poolers hand each transaction to another one. No pooled session is changed by who has it, so none is set back, which took the server as
    // long as what it is asked.
    private static NpgsqlConnectionStringBuilder WithDefaults(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        if (settings.KeepAlive == 0)
            settings.KeepAlive = 30;
        if (!settings.ShouldSerialize("Max Auto Prepare"))
            settings.MaxAutoPrepare = 100;
        if (!settings.ShouldSerialize("No Reset On Close"))
            settings.NoResetOnClose = true;
        return settings;
    }

    // Each question has one index (ADR 39), so one plan serves all parameters. Left to itself the server plans some anew each time, since what it believes of
    // its tables makes that seem worth it, and those take twice as long.
    private static NpgsqlDataSource Source(NpgsqlConnectionStringBuilder settings)
    {
        const string OnePlan = "SET plan_cache_mode = force_generic_plan";

        var source = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString).EnableTransportSecurity();
        if (settings.MaxAutoPrepare > 0)
            source.UsePhysicalConnectionInitializer(
                connection =>
                {
                    using var command = new NpgsqlCommand(OnePlan, connection);
                    command.ExecuteNonQuery();
                },
                connection => new SqlSession(connection).Execute(OnePlan));
        return source.Build();
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
