using System.Data;
using System.Data.Common;

using KlingProxy.Spending.Ledger;
using KlingProxy.Storage;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.Storage.Postgres;

using Microsoft.Data.Sqlite;

using Npgsql;

namespace KlingProxy.Tests.Crash;

/// <summary>Where the replicas of one world keep their records, and how the world looks into it.</summary>
/// <param name="Setting">The setting that tells the replicas.</param>
/// <param name="Folder">What is to be removed at the end, beside what goes by itself.</param>
internal sealed record CrashStore((string Name, string Value) Setting, Func<DbConnection> Connect, DirectoryInfo? Folder = null)
{
    public static Task<CrashStore> Sqlite()
    {
        var folder = Directory.CreateTempSubdirectory("klingproxy-crash-");
        var file = Path.Combine(folder.FullName, "crash.db");
        return Task.FromResult(new CrashStore(("Storage__Sqlite", file), () => new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=false"), folder));
    }

    public static async Task<CrashStore> Postgres()
    {
        var database = await SharedPostgres.NewDatabase();
        return new CrashStore(("Storage__Postgres", database), () => new NpgsqlConnection($"{database};Pooling=false"));
    }

    /// <summary>What is committed, all of it at one moment.</summary>
    public async Task<T> Look<T>(Func<StoreView, Task<T>> look)
    {
        await using var connection = Connect();
        await connection.OpenAsync();
        await using var moment = connection is SqliteConnection sqlite ? sqlite.BeginTransaction(deferred: true) : await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead);
        return await look(new StoreView(connection, moment));
    }
}

/// <summary>The database as it stands at one moment, whatever is written meanwhile.</summary>
internal sealed class StoreView(DbConnection connection, DbTransaction moment)
{
    public async Task<List<T>> Read<T>(string sql, Func<DbDataReader, T> row)
    {
        await using var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, moment);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await reader.ReadAsync())
            rows.Add(row(reader));
        return rows;
    }

    public Task<IReadOnlyList<TotalsGap>> Gaps() => SqlTotals.Gaps(new SqlSession(connection, moment), DateOnly.MinValue, DateOnly.MaxValue);

    public Task<IReadOnlyList<Settled>> SettledGaps() => SqlTotals.SettledGaps(new SqlSession(connection, moment), DateOnly.MinValue, DateOnly.MaxValue);
}
