[assembly: AssemblyFixture(typeof(KlingProxy.Tests.Storage.Postgres.SharedPostgres))]

namespace KlingProxy.Tests.Storage.Postgres;

/// <summary>One server for all tests that do not stop it; started by the first of them.</summary>
public sealed class SharedPostgres : IAsyncDisposable
{
    private static readonly Lazy<Task<PostgresServer>> Server = new(PostgresServer.Start);

    /// <returns>The connection string of an empty database.</returns>
    public static async Task<string> NewDatabase() => await (await Server.Value).NewDatabase();

    public async ValueTask DisposeAsync()
    {
        if (Server.IsValueCreated && Server.Value.IsCompletedSuccessfully)
            await Server.Value.Result.DisposeAsync();
    }
}
