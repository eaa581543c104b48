using KlingProxy.Jobs;
using KlingProxy.Jobs.Following;
using KlingProxy.Storage;
using KlingProxy.Storage.Live;
using KlingProxy.Storage.Sqlite;
using KlingProxy.Storage.Stores;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.Storage.Sqlite;

/// <summary>A real file in a folder of its own, open.</summary>
internal sealed class SqliteFixture : IAsyncDisposable
{
    private SqliteFixture(SqliteDatabase database) => Database = database;

    public SqliteDatabase Database { get; }

    public IJobStore Jobs => new SqlJobStore(Database, live, new JobSignals(TimeProvider.System), TimeProvider.System);

    private readonly LiveState live = new(LiveTrust.OfOwner);

    public static string NewFile() => Path.Combine(Directory.CreateTempSubdirectory("klingproxy-storage-").FullName, "below", "jobs.db");

    public static SqliteDatabase OpenFile(string file) => new(Options.Create(new StorageOptions { Sqlite = file }));

    public static async Task<SqliteFixture> Open(string file)
    {
        var world = new SqliteFixture(OpenFile(file));
        try
        {
            await new Migrator(world.Database, TimeProvider.System, NullLogger<Migrator>.Instance).Run();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public Task<List<T>> Query<T>(string sql, Func<System.Data.Common.DbDataReader, T> row, params (string Name, object? Value)[] parameters) =>
        Database.Read(session => session.Query(sql, row, parameters));

    public Task<int> Execute(string sql) => Database.Write(session => session.Execute(sql));

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
