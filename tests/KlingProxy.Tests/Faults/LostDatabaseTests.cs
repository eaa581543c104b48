using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Postgres;

namespace KlingProxy.Tests.Faults;

/// <summary>A database that goes and comes back.</summary>
public sealed class LostDatabaseTests(LostDatabaseTests.LostDatabaseFixture proxy) : IClassFixture<LostDatabaseTests.LostDatabaseFixture>
{
    [Fact]
    public async Task X20_while_the_database_is_gone_nothing_is_spent_and_afterwards_all_goes_on()
    {
        using var caller = await proxy.NewCaller();
        using var anyone = proxy.Anyone();
        var before = (await caller.Create()).Text("id");
        var order = Given.Order();

        await proxy.Database!.Interrupt();
        using (var refused = await caller.Call("POST /v1/jobs", order))
        {
            Assert.Equal((503, "5"), ((int)refused.StatusCode, refused.Headers.RetryAfter?.ToString()));
            Assert.Equal("database-unavailable", (await refused.Json()).Text("code"));
        }
        Assert.Equal(503, await anyone.Call("GET /health/ready").Status());
        Assert.Equal(200, await anyone.Call("GET /health/live").Status());
        proxy.LetJobsEnd();

        await proxy.Database!.Resume();

        Assert.Equal("completed", (await proxy.End(caller, before)).Text("status"));
        Assert.Equal((0, LedgerOf.Paid), (proxy.SubmitsOf(order), await LedgerOf.InPostgres(proxy.Connection, before)));
        var after = (await caller.Create(order)).Text("id");
        Assert.Equal((1, LedgerOf.Held), (proxy.SubmitsOf(order), await LedgerOf.InPostgres(proxy.Connection, after)));
        Assert.Equal(200, await anyone.Call("GET /health/ready").Status());
        Assert.DoesNotContain(proxy.Log.Lines, line => line.Contains(PostgresServer.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task X20_fals_answer_is_kept_until_the_server_is_back()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("holds-reply");
        var id = (await caller.Create(order)).Text("id");
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);

        await proxy.Database!.Interrupt();
        proxy.FalClock.Advance(TimeSpan.FromMinutes(1)); // fal answers
        await proxy.Until(() => proxy.Log.Lines.Any(line => line.Contains("could not be written down", StringComparison.Ordinal)));
        await proxy.Database!.Resume();

        Assert.Equal("completed", (await proxy.End(caller, id)).Text("status"));
        Assert.Equal((1, LedgerOf.Paid), (proxy.SubmitsOf(order), await LedgerOf.InPostgres(proxy.Connection, id)));
    }

    /// <summary>A world with a server of its own, which may be stopped.</summary>
    public sealed class LostDatabaseFixture : ProxyFixture
    {
        internal PostgresServer? Database { get; private set; }

        public string Connection { get; private set; } = "";

        protected override IEnumerable<(string Name, string Value)> Settings => [("Storage:Postgres", Connection), ("Jobs:SubmitWait", "00:00:01")];

        public override async ValueTask InitializeAsync()
        {
            if (!await Finds(async () => Database = await PostgresServer.Start()))
                return;
            Connection = await Database!.NewDatabase();
            await base.InitializeAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            if (Database is not null)
                await Database.DisposeAsync();
            GC.SuppressFinalize(this);
        }
    }
}
