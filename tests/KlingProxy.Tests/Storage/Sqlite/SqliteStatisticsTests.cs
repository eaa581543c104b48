using KlingProxy.Storage.Sqlite;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Storage.Sqlite;

public sealed class SqliteStatisticsTests : IAsyncLifetime
{
    private readonly string file = SqliteFixture.NewFile();
    private readonly FakeTimeProvider clock = new();
    private SqliteFixture world = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => world = await SqliteFixture.Open(file);

    public async ValueTask DisposeAsync()
    {
        await world.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
    }

    [Fact]
    public async Task Looks_at_the_start_every_day_and_at_the_end()
    {
        using var statistics = new SqliteStatistics(world.Database, clock, NullLogger<SqliteStatistics>.Instance);
        await Add(1_000);

        await statistics.StartAsync(Cancel);
        await Patience.Until(async () => await Known() == 1_000, () => Task.CompletedTask, "the start was looked at");
        await Add(11_000);
        await Patience.Until(async () => await Known() == 12_000, () => Turn(TimeSpan.FromDays(1)), "a day later it was looked at again");
        await Add(118_000);
        await statistics.StopAsync(Cancel);

        Assert.Equal(130_000, await Known());
    }

    [Fact]
    public async Task Believes_nothing_of_a_table_that_is_nearly_empty()
    {
        await Add(10);
        await world.Execute("ANALYZE"); // whoever did that
        Assert.Equal(10, await Known());

        await world.Database.Write(SqliteStatistics.Refresh);

        Assert.Null(await Known());
    }

    [Fact]
    public async Task An_empty_database_has_nothing_to_look_at() => await world.Database.Write(SqliteStatistics.Refresh);

    private Task Turn(TimeSpan by)
    {
        clock.Advance(by);
        return Task.CompletedTask;
    }

    private Task Add(int rows) => world.Execute(
        $"INSERT INTO tickets (id, key_id, hash, max_cost, origin, created_at, expires_at) WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {rows}) "
            + "SELECT lower(hex(randomblob(16))), 'key', lower(hex(randomblob(16))), 0, '', 0, n FROM series");

    // The table is not there before the first look.
    private async Task<long?> Known() => (await world.Query("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'", _ => true)).Count == 0 ? null
        : (await world.Query("SELECT MAX(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = 'tickets'", row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0))).Single();
}
