using KlingProxy.Jobs;
using KlingProxy.Storage;

using Microsoft.Extensions.Logging.Abstractions;

namespace KlingProxy.Tests.Storage;

public sealed class PostgresJobStoreTests : JobStoreContract, IAsyncLifetime
{
    private PostgresDatabase database = null!;

    private protected override IJobStore Store => new SqlJobStore(database, new JobSignals(TimeProvider.System), TimeProvider.System);

    private protected override async Task<IReadOnlyList<(string Kind, decimal Amount, bool Estimated)>> Ledger(string jobId) => await database.Read(sql => sql.Query(
        "SELECT kind, amount, estimated FROM ledger WHERE job_id = @job ORDER BY kind", row => (row.GetString(0), row.GetInt64(1) / 1_000_000m, row.GetInt64(2) == 1), ("@job", jobId)));

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
