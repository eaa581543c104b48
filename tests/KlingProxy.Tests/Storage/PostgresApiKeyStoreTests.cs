using KlingProxy.Access;
using KlingProxy.Storage;

using Microsoft.Extensions.Logging.Abstractions;

namespace KlingProxy.Tests.Storage;

public sealed class PostgresApiKeyStoreTests : ApiKeyStoreContract, IAsyncLifetime
{
    private PostgresDatabase database = null!;

    private protected override IApiKeyStore Store => new SqlApiKeyStore(database);

    public async ValueTask InitializeAsync()
    {
        database = new PostgresDatabase(await SharedPostgres.NewDatabase(), TimeProvider.System);
        await new Migrator(database, TimeProvider.System, NullLogger<Migrator>.Instance).Run();
    }

    public async ValueTask DisposeAsync()
    {
        if (database is not null)
            await database.DisposeAsync();
    }
}
