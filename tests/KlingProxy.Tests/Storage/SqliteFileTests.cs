namespace KlingProxy.Tests.Storage;

public sealed class SqliteFileTests : IDisposable
{
    private readonly string file = SqliteWorld.NewFile();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_made_with_its_folder_and_keeps_what_was_written()
    {
        var job = JobStoreContract.NewJob();
        await using (var world = await SqliteWorld.Open(file))
            await world.Jobs.Add(job, null, Given.Rich, Cancel);

        await using var again = await SqliteWorld.Open(file);

        Assert.Equal(job.Id, (await again.Jobs.Find(job.Id, Cancel))?.Id);
        Assert.Single(await again.Jobs.Events(job.Id, 0, Cancel));
    }

    [Fact]
    public async Task Belongs_to_one_process()
    {
        await using var first = await SqliteWorld.Open(file);

        var refusal = Assert.Throws<InvalidOperationException>(() => SqliteWorld.OpenFile(file));

        Assert.Contains("Storage__Sqlite", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_refused_when_a_newer_version_wrote_it()
    {
        await using (var world = await SqliteWorld.Open(file))
            await world.Execute("INSERT INTO migrations (number, at) VALUES (9999, 0)");

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => SqliteWorld.Open(file));

        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Survives_a_power_cut_after_a_commit()
    {
        await using var world = await SqliteWorld.Open(file);
        using var connection = world.Database.Open();
        using var command = connection.CreateCommand();

        command.CommandText = "SELECT (SELECT * FROM pragma_journal_mode) || ' ' || (SELECT * FROM pragma_synchronous)";

        Assert.Equal("wal 2", await command.ExecuteScalarAsync(Cancel)); // 2 is FULL
    }

    [Fact]
    public async Task Its_migrations_run_once()
    {
        async Task<List<(long, long)>> Applied()
        {
            await using var world = await SqliteWorld.Open(file);
            return await world.Query("SELECT number, at FROM migrations ORDER BY number", row => (row.GetInt64(0), row.GetInt64(1)));
        }

        var first = await Applied();

        Assert.NotEmpty(first);
        Assert.Equal(first, await Applied());
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
}
