using KlingProxy.Jobs;

namespace KlingProxy.Tests.Storage;

public sealed class SqliteJobStoreTests : JobStoreContract, IAsyncLifetime
{
    private readonly string file = SqliteWorld.NewFile();
    private SqliteWorld world = null!;

    private protected override IJobStore Store => world.Jobs;

    private protected override async Task<IReadOnlyList<(string Kind, decimal Amount, bool Estimated)>> Ledger(string jobId) => await world.Query(
        "SELECT kind, amount, estimated FROM ledger WHERE job_id = @job ORDER BY kind", row => (row.GetString(0), row.GetInt64(1) / 1_000_000m, row.GetInt64(2) == 1), ("@job", jobId));

    public async ValueTask InitializeAsync() => world = await SqliteWorld.Open(file);

    public async ValueTask DisposeAsync()
    {
        await world.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
    }
}
