using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Storage.Postgres;

/// <summary>The world of a test on PostgreSQL.</summary>
public class PostgresFixture : ProxyFixture
{
    public string Connection { get; private set; } = "";

    protected override IEnumerable<(string Name, string Value)> Settings => [("Storage:Postgres", Connection)];

    public override async ValueTask InitializeAsync()
    {
        if (await Finds(async () => Connection = await SharedPostgres.NewDatabase()))
            await base.InitializeAsync();
    }
}
