using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.Versioning;

using KlingProxy.Storage;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Contracts;

namespace KlingProxy.Tests.Storage.Sqlite;

public sealed class SqliteFileTests : IDisposable
{
    private readonly string file = SqliteFixture.NewFile();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_made_with_its_folder_and_keeps_what_was_written()
    {
        var job = JobStoreContract.NewJob();
        await using (var world = await SqliteFixture.Open(file))
            await world.Jobs.Add(job, null, Given.Rich, Cancel);

        await using var again = await SqliteFixture.Open(file);

        Assert.Equal(job.Id, (await again.Jobs.Find(job.Id, Cancel))?.Id);
        Assert.Single(await again.Jobs.Events(job.Id, 0, Cancel));
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [InlineData(false)]
    [InlineData(true)] // what an earlier version left
    public async Task Is_its_owners_alone_with_all_that_lies_beside_it(bool existsForAll)
    {
        const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite, Folder = File | UnixFileMode.UserExecute;
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes are Unix'.");
        if (existsForAll)
        {
            await using var before = await SqliteFixture.Open(file);
            foreach (var left in Directory.EnumerateFiles(Path.GetDirectoryName(file)!))
                System.IO.File.SetUnixFileMode(left, File | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        await using var world = await SqliteFixture.Open(file);
        await world.Jobs.Add(JobStoreContract.NewJob(), null, Given.Rich, Cancel);

        Assert.Equal(
            [Path.GetFileName(file), $"{Path.GetFileName(file)}-shm", $"{Path.GetFileName(file)}-wal", $"{Path.GetFileName(file)}.lock"],
            Directory.EnumerateFiles(Path.GetDirectoryName(file)!).Select(beside => Path.GetFileName(beside)).Order(StringComparer.Ordinal));
        Assert.All(Directory.EnumerateFiles(Path.GetDirectoryName(file)!), beside => Assert.Equal((beside, File), (beside, System.IO.File.GetUnixFileMode(beside))));
        Assert.Equal(Folder, System.IO.File.GetUnixFileMode(Path.GetDirectoryName(file)!));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Leaves_a_folder_that_is_shared_as_it_is()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Modes are Unix'.");
        var shared = Directory.CreateDirectory(Path.GetDirectoryName(file)!, (UnixFileMode)0b111_111_101).UnixFileMode;

        await using var world = await SqliteFixture.Open(file);

        Assert.Equal(shared, System.IO.File.GetUnixFileMode(Path.GetDirectoryName(file)!));
    }

    [Theory]
    [UnsupportedOSPlatform("windows")]
    [InlineData(true)] // stands for every device: root could change the mode of those for the whole machine
    [InlineData(false)]
    public async Task Leaves_what_is_no_database_as_it_is(bool special)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Kinds of files are told on Linux.");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        if (special)
            socket.Bind(new UnixDomainSocketEndPoint(file));
        else
            await File.WriteAllTextAsync(file, "127.0.0.1 localhost", Cancel);
        const UnixFileMode Mode = (UnixFileMode)0b110_100_100;
        File.SetUnixFileMode(file, Mode);

        await using var database = SqliteFixture.OpenFile(file);

        Assert.Equal(Mode, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Belongs_to_one_process()
    {
        await using var first = await SqliteFixture.Open(file);

        var refusal = Assert.Throws<InvalidOperationException>(() => SqliteFixture.OpenFile(file));

        Assert.Contains("Storage__Sqlite", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_refused_when_a_newer_version_wrote_it()
    {
        await using (var world = await SqliteFixture.Open(file))
            await world.Execute("INSERT INTO migrations (number, at) VALUES (9999, 0)");

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => SqliteFixture.Open(file));

        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Survives_a_power_cut_after_a_commit()
    {
        await using var world = await SqliteFixture.Open(file);
        const string Durability = "SELECT (SELECT * FROM pragma_journal_mode) || ' ' || (SELECT * FROM pragma_synchronous)";

        var reading = await world.Database.Read(sql => sql.Query(Durability, row => row.GetString(0)));
        var writing = await world.Database.Write(sql => sql.Query(Durability, row => row.GetString(0)));

        Assert.Equal(["wal 2", "wal 2"], reading.Concat(writing)); // 2 is FULL
    }

    [Fact]
    public async Task Keeps_its_connections_with_what_they_know()
    {
        const string Known = "SELECT name FROM sqlite_temp_master";
        await using var world = await SqliteFixture.Open(file);

        await world.Database.Read(sql => sql.Execute("CREATE TEMP TABLE reading (n)"));
        await world.Database.Write(sql => sql.Execute("CREATE TEMP TABLE writing (n)"));

        Assert.Equal("reading", Assert.Single(await world.Database.Read(sql => sql.Query(Known, row => row.GetString(0)))));
        Assert.Equal("writing", Assert.Single(await world.Database.Write(sql => sql.Query(Known, row => row.GetString(0)))));
    }

    [Fact]
    public async Task Lets_go_of_a_connection_on_which_a_read_failed()
    {
        await using var world = await SqliteFixture.Open(file);
        await world.Database.Read(sql => sql.Execute("CREATE TEMP TABLE reading (n)"));

        await Assert.ThrowsAnyAsync<Exception>(() => world.Database.Read(sql => sql.Execute("SELECT nothing FROM nowhere")));

        Assert.Empty(await world.Database.Read(sql => sql.Query("SELECT name FROM sqlite_temp_master", row => row.GetString(0))));
    }

    [Fact]
    public void Prepares_a_statement_once_and_forgets_all_before_there_are_too_many()
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection("Data Source=:memory:");
        using var statements = new PreparedStatements(connection);

        var first = statements.Of("SELECT 1");
        var again = statements.Of("SELECT 1");
        for (var length = 0; length < 1000; length++)
            statements.Of($"SELECT 1 WHERE 0 IN ({string.Join(", ", Enumerable.Repeat('1', length))})");

        Assert.Same(first, again);
        Assert.NotSame(first, statements.Of("SELECT 1"));
    }

    [Fact]
    public async Task Commits_together_what_waits_together()
    {
        const int Jobs = 40;
        await using var world = await SqliteFixture.Open(file);
        await world.Database.Read(session => session.Query("PRAGMA wal_checkpoint(TRUNCATE)", _ => 0)); // nothing but what comes now is in the log then

        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = world.Database.Write(async session =>
        {
            await busy.Task.Within();
            return await session.Execute("DELETE FROM jobs");
        });
        var others = Enumerable.Range(0, Jobs).Select(_ => world.Jobs.Add(JobStoreContract.NewJob(), null, Given.Rich, Cancel)).ToList();
        busy.SetResult();
        await Task.WhenAll([first, .. others]).Within();

        Assert.InRange(Commits(), 1, 2); // of 41 writes: what waited for the first went together
    }

    [Fact]
    public async Task Is_closed_without_closing_another()
    {
        var anothersFile = SqliteFixture.NewFile();
        await using var world = await SqliteFixture.Open(file);
        await world.Jobs.Add(JobStoreContract.NewJob(), null, Given.Rich, Cancel);

        await (await SqliteFixture.Open(anothersFile)).DisposeAsync();

        Assert.False(File.Exists($"{anothersFile}-wal")); // whoever closes the last connection to a file takes its log away
        Assert.True(File.Exists($"{file}-wal"));
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(anothersFile))!, recursive: true);
    }

    [Fact]
    public async Task Its_migrations_run_once()
    {
        async Task<List<(long, long)>> Applied()
        {
            await using var world = await SqliteFixture.Open(file);
            return await world.Query("SELECT number, at FROM migrations ORDER BY number", row => (row.GetInt64(0), row.GetInt64(1)));
        }

        var first = await Applied();

        Assert.NotEmpty(first);
        Assert.Equal(first, await Applied());
    }

    /// <summary>How many frames of the write-ahead log end a transaction (sqlite.org/fileformat2.html, section 4).</summary>
    private int Commits()
    {
        using var shared = new FileStream($"{file}-wal", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new BinaryReader(shared);
        var log = reader.ReadBytes((int)shared.Length);
        var frame = 24 + BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(8));
        return Enumerable.Range(0, (log.Length - 32) / frame).Count(number => BinaryPrimitives.ReadInt32BigEndian(log.AsSpan(32 + (number * frame) + 4)) != 0);
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
}
