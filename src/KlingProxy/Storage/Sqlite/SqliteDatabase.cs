using System.Collections.Concurrent;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace KlingProxy.Storage.Sqlite;

/// <summary>
/// One file, many readers (WAL), one writer. The file is ours alone: a second process on it would not see our signals, and is refused.
/// </summary>
internal sealed class SqliteDatabase : ISqlDatabase, IAsyncDisposable
{
    /// <summary>
    /// Prompts, addresses of pictures, and the secrets that sign links are in it: neither a neighbour on the machine nor its group shall read along.
    /// </summary>
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite, OwnersFolder = OwnersFile | UnixFileMode.UserExecute;

    /// <summary>The first bytes of every database, sqlite.org/fileformat2.html, section 1.3.</summary>
    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    private readonly string connectionString;
    private readonly FileStream ownership;
    private readonly SqlWriter writer;

    /// <summary>For reads: as many as there ever were at once.</summary>
    private readonly ConcurrentBag<SqliteLink> idle = [];

    private SqliteLink? writing;

    public SqliteDatabase(IOptions<StorageOptions> options)
    {
        var file = Path.GetFullPath(options.Value.Sqlite);
        ownership = TakeOwnership(file);
        KeepFromOthers(file);
        connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 5 }.ToString();
        writer = new SqlWriter(() => Task.FromResult(TakeTurn()));
    }

    public string Engine => "sqlite";

    public async Task<T> Read<T>(Func<SqlSession, Task<T>> read)
    {
        var link = idle.TryTake(out var free) ? free : SqliteLink.Open(connectionString);
        try
        {
            var result = await read(link.Session);
            idle.Add(link);
            return result;
        }
        catch
        {
            link.Dispose(); // whatever went wrong shall not be the next one's trouble
            throw;
        }
    }

    public Task<T> Write<T>(Func<SqlSession, Task<T>> write) => writer.Run(write);

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        writing?.Dispose();
        while (idle.TryTake(out var link))
            link.Dispose();
        ownership.Dispose();
    }

    // The one writer keeps its connection, and its statements, from turn to turn.
    private SqlTurn TakeTurn()
    {
        var link = writing ?? SqliteLink.OpenForWrites(connectionString);
        writing = null;
        try
        {
            return link.Turn(isWhole =>
            {
                if (isWhole)
                    writing = link;
                else
                    link.Dispose();
            });
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }

    private static FileStream TakeOwnership(string file)
    {
        try
        {
            var folder = Path.GetDirectoryName(file)!;
            if (!Directory.Exists(folder)) // one that is there may be shared for a reason, as /tmp is
                MakeFolder(folder);
            return new FileStream($"{file}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Storage__Sqlite: {file} is in use by another process, or its folder cannot be written. One process per "
                + "file; several replicas need PostgreSQL.", error);
        }
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnersFolder);
    }

    // SQLite gives what it makes beside the file the file's own mode, so the file is made first, for its owner alone.
    private static void KeepFromOthers(string file)
    {
        if (OperatingSystem.IsWindows())
            return;
        try
        {
            if (!MayBeOurs(file)) // modes of devices and of other programs' files are not ours to change
                return;
            if (!File.Exists(file))
                new FileStream(file, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnersFile }).Dispose();
            foreach (var ours in new[] { file, $"{file}-wal", $"{file}-shm", $"{file}.lock" }.Where(beside => File.Exists(beside) && !SpecialFile.IsAt(beside)))
                File.SetUnixFileMode(ours, OwnersFile);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody else's file, or a disk without modes: whether it can be used at all is for SQLite to say.
        }
    }

    // One that is there is a database, or empty, as SQLite leaves it before the first write.
    private static bool MayBeOurs(string file)
    {
        if (SpecialFile.IsAt(file))
            return false;
        if (!File.Exists(file))
            return true;
        using var existing = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var head = new byte[Magic.Length];
        return existing.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) is 0 || Magic.SequenceEqual(head);
    }
}
