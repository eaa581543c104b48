using KlingProxy.Access;
using KlingProxy.Storage;

namespace KlingProxy.Tests.Storage;

public sealed class SqliteApiKeyStoreTests : ApiKeyStoreContract, IAsyncLifetime
{
    private readonly string file = SqliteWorld.NewFile();
    private SqliteWorld world = null!;

    private protected override IApiKeyStore Store => new SqlApiKeyStore(world.Database);

    public async ValueTask InitializeAsync() => world = await SqliteWorld.Open(file);

    public async ValueTask DisposeAsync()
    {
        await world.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
    }
}
