using KlingProxy.Storage.Postgres;
using KlingProxy.Tests.Storage.Postgres;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>Writes that wait are committed together; each stands or falls by itself.</summary>
public abstract class WriterContract(Engine engine) : StoreContract(engine)
{
    [Theory]
    [InlineData("thrown")]
    [InlineData("refused by the engine")]
    public async Task A_write_that_fails_halfway_leaves_nothing_behind_and_takes_nobody_with_it(string how)
    {
        var (writing, mayGoOn) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var first = Database.Write(async sql =>
        {
            writing.SetResult();
            await mayGoOn.Task.Within();
            return await sql.Execute("INSERT INTO secrets (name, value) VALUES ('first', '')");
        });
        await writing.Task.Within();

        var before = Database.Write(sql => sql.Execute("INSERT INTO secrets (name, value) VALUES ('before', '')"));
        var broken = Database.Write(async sql =>
        {
            await sql.Execute("INSERT INTO secrets (name, value) VALUES ('half', '')");
            return how == "thrown" ? throw new InvalidOperationException("Broken.") : await sql.Execute("INSERT INTO secrets (name, value) VALUES ('first', '')");
        });
        var after = Database.Write(sql => sql.Execute("INSERT INTO secrets (name, value) VALUES ('after', '')"));
        mayGoOn.SetResult(); // what waited for the first goes together

        await Assert.ThrowsAnyAsync<Exception>(() => broken.Within());
        var written = await Task.WhenAll(first, before, after).Within();
        var kept = await Database.Read(sql => sql.Query("SELECT name FROM secrets ORDER BY name", row => row.GetString(0)));
        Assert.Equal([1, 1, 1], written);
        Assert.Equal(["after", "before", "first"], kept);
    }

    [Fact]
    public async Task A_write_that_fails_alone_leaves_nothing_behind()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Database.Write<int>(async sql =>
        {
            await sql.Execute("INSERT INTO secrets (name, value) VALUES ('half', '')");
            throw new InvalidOperationException("Broken.");
        }));

        Assert.Null(await Secrets.Find("half", Cancel));
    }
}

public sealed class SqliteWriterTests() : WriterContract(Engine.Sqlite);

public sealed class PostgresWriterTests() : WriterContract(Engine.Postgres)
{
    [Fact]
    public async Task What_is_asked_often_is_prepared_once_per_connection()
    {
        const string Often = "SELECT name FROM secrets WHERE name = @name";

        var prepared = await Database.Read(async sql =>
        {
            for (var time = 0; time < 5; time++)
                await sql.Query(Often, row => row.GetString(0), ("@name", "none"));
            return await sql.Query("SELECT statement FROM pg_prepared_statements", row => row.GetString(0));
        });

        Assert.Contains(prepared, text => text.StartsWith("SELECT name FROM secrets", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "force_generic_plan")]
    [InlineData(";Max Auto Prepare=0", "auto")] // behind a pooler of transactions a session is everybody's
    public async Task What_is_prepared_is_planned_once_also_by_a_session_that_was_used_before(string settings, string expected)
    {
        await using var database = new PostgresDatabase(await SharedPostgres.NewDatabase() + settings, TimeProvider.System);

        await Session(database);
        var (again, mode) = await Session(database);

        Assert.Equal(expected, mode);
        Assert.Equal(again, (await Session(database)).Id);
    }

    private static Task<(int Id, string Mode)> Session(PostgresDatabase database) => database.Read(async sql =>
        (await sql.Query("SELECT pg_backend_pid(), current_setting('plan_cache_mode')", row => (row.GetInt32(0), row.GetString(1))))[0]);
}
