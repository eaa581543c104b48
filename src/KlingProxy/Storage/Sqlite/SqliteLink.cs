using Microsoft.Data.Sqlite;

using SQLitePCL;

namespace KlingProxy.Storage.Sqlite;

/// <summary>One connection, with its settings and its statements, which live as long as it does.</summary>
internal sealed class SqliteLink : IDisposable
{
    /// <summary>
    /// <c>SQLITE_CONFIG_STMTJRNL_SPILL</c> (sqlite.org/c3ref/c_config_covering_index_scan.html): up to how many bytes, of the pages that a savepoint would put
    /// back, are kept in memory before they go to a file. A create changes more than the default of 64 KiB. It must stay below 128 KiB: they go to the
    /// file in one piece, and the engine writes none that is larger (<c>seekAndWriteFd</c>), but calls the disk full.
    /// </summary>
    private const int SavepointInMemory = 26, MaxSavepoint = 120 * 1024;

    private readonly SqliteConnection connection;
    private readonly PreparedStatements prepared;

    // Before the engine is first used; where somebody else was first, it keeps its default.
    static SqliteLink()
    {
        Batteries_V2.Init();
        _ = raw.sqlite3_config(SavepointInMemory, MaxSavepoint);
    }

    private SqliteLink(SqliteConnection connection) => (this.connection, prepared) = (connection, new PreparedStatements(connection));

    /// <summary>To read what is committed.</summary>
    public SqlSession Session => new(connection, prepared: prepared);

    public static SqliteLink Open(string connectionString) => Open(connectionString, "");

    /// <summary>
    /// For the one writer. It keeps more of the file's pages, since names are random and a job's rows lie anywhere; and what all write (the ends of tables,
    /// the day's totals) goes from the log to the file once in four thousand pages. That is 16 MB of log, the first piece of its index, and some milliseconds
    /// to read after a crash. What a migration sorts goes to a file, as ever: <c>temp_store</c> is not for this, it has no bound.
    /// </summary>
    public static SqliteLink OpenForWrites(string connectionString) =>
        Open(connectionString, "PRAGMA cache_size = -8000; PRAGMA wal_autocheckpoint = 4000;");

    private static SqliteLink Open(string connectionString, string more)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            using var pragmas = connection.CreateCommand();
            // FULL: a commit that we answered for survives a power cut, not only a crash.
            pragmas.CommandText = $"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;{more}";
            pragmas.ExecuteNonQuery();
            return new SqliteLink(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Begins a transaction in which nobody else writes.</summary>
    /// <param name="end">Told at its end whether it was committed; if not, the link is not to be used again.</param>
    public SqlTurn Turn(Action<bool> end) => new(connection.BeginTransaction(deferred: false), prepared, isCommitted =>
    {
        end(isCommitted);
        return ValueTask.CompletedTask;
    });

    public void Dispose()
    {
        prepared.Dispose();
        connection.Dispose();
    }
}
