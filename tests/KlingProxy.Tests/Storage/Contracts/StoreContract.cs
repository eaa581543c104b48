using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Following;
using KlingProxy.Orders;
using KlingProxy.Secrets;
using KlingProxy.Spending.Ledger;
using KlingProxy.Storage;
using KlingProxy.Storage.Live;
using KlingProxy.Storage.Postgres;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.Storage.Postgres;
using KlingProxy.Tests.Storage.Sqlite;
using KlingProxy.Uploads;
using KlingProxy.Uploads.Keeping;
using KlingProxy.Uploads.Stores;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>What the stores of one engine owe us, one class of facts for both: a class for each engine derives from it and says which.</summary>
public abstract class StoreContract(Engine engine) : IAsyncLifetime
{
    private readonly string file = engine == Engine.Sqlite ? SqliteFixture.NewFile() : "";

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected ISqlDatabase Database { get; private set; } = null!;

    /// <summary>By which a credential is still good, or no longer.</summary>
    private protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>Nobody but the test writes to its database, unless it says so.</summary>
    private protected LiveState Live { get; set; } = new(LiveTrust.OfOwner);

    /// <summary>Of the database on PostgreSQL.</summary>
    private protected string Connection { get; private set; } = "";

    private protected IJobStore Jobs => new SqlJobStore(Database, Live, new JobSignals(Clock), Clock);

    private protected IAttentionStore Attention => new SqlAttentionStore(Database);

    private protected ICredentials Credentials => new SqlCredentials(Database, Clock);

    private protected ILedger Ledger => new SqlLedger(Database);

    private protected IApiKeyStore Keys => new SqlApiKeyStore(Database, Live);

    private protected IAuditStore Audit => new SqlAuditStore(Database);

    private protected ITicketStore Tickets => new SqlTicketStore(Database, Live);

    private protected ISecretStore Secrets => new SqlSecretStore(Database);

    private protected IUploadStore Uploads => new SqlUploadStore(Database);

    private protected IUploadUse Use => new SqlUploadUse(Database);

    private protected IOwnImages Images => new SqlUploadStore(Database);

    public virtual async ValueTask InitializeAsync()
    {
        Connection = engine == Engine.Postgres ? await SharedPostgres.NewDatabase() : "";
        Database = engine == Engine.Sqlite ? SqliteFixture.OpenFile(file) : new PostgresDatabase(Connection, TimeProvider.System);
        await new Migrator(Database, TimeProvider.System, NullLogger<Migrator>.Instance).Run();
    }

    // Whatever a test did: the totals, and what is kept as settled, are what the ledger adds up to.
    public virtual async ValueTask DisposeAsync()
    {
        Assert.Empty(await Ledger.Gaps(DateOnly.MinValue, DateOnly.MaxValue, CancellationToken.None));
        Assert.Empty(await Ledger.SettledGaps(DateOnly.MinValue, DateOnly.MaxValue, CancellationToken.None));
        if (Database is IAsyncDisposable database)
            await database.DisposeAsync();
        if (file.Length > 0)
            Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
        GC.SuppressFinalize(this);
    }
}

public enum Engine
{
    Sqlite,
    Postgres,
}
