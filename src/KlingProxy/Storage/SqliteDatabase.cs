using System.Data.Common;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace KlingProxy.Storage;

/// <summary>
/// One file, many readers (WAL), one writer. The file is ours alone: a second process on it would not see our signals, and is refused.
/// </summary>
internal sealed class SqliteDatabase : ISqlDatabase, IAsyncDisposable
{
    private readonly string connectionString;
    private readonly FileStream ownership;
    private readonly SqlWriter writer;

    public SqliteDatabase(IOptions<StorageOptions> options)
    {
        var file = Path.GetFullPath(options.Value.Sqlite);
        ownership = TakeOwnership(file);
        connectionString = new SqliteConnectionStringBuilder { DataSource = file, Pooling = true, DefaultTimeout = 5 }.ToString();
        writer = new SqlWriter(() => Task.FromResult<DbTransaction>(Open().BeginTransaction(deferred: false)));
    }

    public string Engine => "sqlite";

    /// <summary>A pooled connection, ready for use.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        connection.Open();
        using var pragmas = connection.CreateCommand();
        // FULL: a commit that we answered for survives a power cut, not only a crash.
        pragmas.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;";
        pragmas.ExecuteNonQuery();
        return connection;
    }

    public async Task<T> Read<T>(Func<SqlSession, Task<T>> read)
    {
        await using var connection = Open();
        return await read(new SqlSession(connection));
    }

    public Task<T> Write<T>(Func<SqlSession, Task<T>> write) => writer.Run(write);

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        using (var ours = new SqliteConnection(connectionString))
            SqliteConnection.ClearPool(ours); // the process may have other files, whose connections are not ours to close
        ownership.Dispose();
    }

    private static FileStream TakeOwnership(string file)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            return new FileStream($"{file}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Storage__Sqlite: {file} is in use by another process, or its folder cannot be written. One process per file; several replicas need PostgreSQL.", error);
        }
    }
}
