using Microsoft.Data.Sqlite;

namespace KlingProxy.Storage.Sqlite;

/// <summary>One connection, with its settings and its statements, which live as long as it does.</summary>
internal sealed class SqliteLink : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly PreparedStatements prepared;

    private SqliteLink(SqliteConnection connection) => (this.connection, prepared) = (connection, new PreparedStatements(connection));

    /// <summary>To read what is committed.</summary>
    public SqlSession Session => new(connection, prepared: prepared);

    public static SqliteLink Open(string connectionString)
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            using var pragmas = connection.CreateCommand();
            // FULL: a commit that we answered for survives a power cut, not only a crash.
            pragmas.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;";
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
