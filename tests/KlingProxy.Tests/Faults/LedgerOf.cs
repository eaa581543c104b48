using System.Data.Common;
using System.Globalization;

using KlingProxy.Tests.Fixtures;

using Microsoft.Data.Sqlite;

using Npgsql;

namespace KlingProxy.Tests.Faults;

/// <summary>What the ledger says about a job of five seconds, read from the database itself.</summary>
internal static class LedgerOf
{
    public const string Held = "hold 2.10", Released = "hold 2.10, release 2.10", Paid = "hold 2.10, release 2.10, settlement 2.10";

    public static string Of(ProxyFixture proxy, string jobId) => In(proxy.DatabaseFile, jobId);

    public static string In(string databaseFile, string jobId)
    {
        using var file = Open(databaseFile);
        return In(file, jobId);
    }

    public static async Task<string> InPostgres(string connection, string jobId)
    {
        await using var database = new NpgsqlConnection($"{connection};Pooling=false"); // a pooled one may have outlived its server
        await database.OpenAsync();
        return In(database, jobId);
    }

    /// <summary>The job's document as it is on disk.</summary>
    public static string Document(string databaseFile, string jobId)
    {
        using var file = Open(databaseFile);
        return Assert.Single(Rows(file, "SELECT document FROM jobs WHERE id = @job", jobId, row => row.GetString(0)));
    }

    /// <summary>Every value of every table, as text.</summary>
    public static string Everything(string databaseFile)
    {
        using var file = Open(databaseFile);
        var tables = Rows(file, "SELECT name FROM sqlite_master WHERE type = 'table'", "", row => row.GetString(0));
        return string.Join('\n', tables.SelectMany(table => Rows(file, $"SELECT * FROM \"{table}\"", "", row =>
            string.Join(' ', Enumerable.Range(0, row.FieldCount).Select(column => row.GetValue(column) is byte[] bytes ? System.Text.Encoding.Latin1.GetString(bytes) : row.GetValue(column))))));
    }

    /// <summary>A way into the file past the service, as a person with a shell has it.</summary>
    public static SqliteConnection Open(string databaseFile)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = databaseFile, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static string In(DbConnection database, string jobId) => string.Join(", ", Rows(database,
        "SELECT kind, amount FROM ledger WHERE job_id = @job ORDER BY kind", jobId,
        row => string.Create(CultureInfo.InvariantCulture, $"{row.GetString(0).ToLowerInvariant()} {row.GetInt64(1) / 1_000_000m:0.00}")));

    private static List<string> Rows(DbConnection database, string sql, string jobId, Func<DbDataReader, string> text)
    {
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // the text is a constant, above
        command.CommandText = sql;
#pragma warning restore CA2100
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = ("@job", jobId);
        command.Parameters.Add(parameter);
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
            rows.Add(text(reader));
        return rows;
    }
}
