using KlingProxy.Storage;

namespace KlingProxy.Tests.Storage;

public sealed class PostgresOutageTests(PostgresOutageTests.World proxy) : IClassFixture<PostgresOutageTests.World>
{
    [Fact]
    public async Task While_the_server_is_gone_nothing_is_spent_and_afterwards_all_goes_on()
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
        Assert.Equal(0, proxy.SubmitsOf(order));
        await caller.Create(order);
        Assert.Equal(1, proxy.SubmitsOf(order));
        Assert.Equal(200, await anyone.Call("GET /health/ready").Status());
        Assert.DoesNotContain(proxy.Log.Lines, line => line.Contains(PostgresServer.Password, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Username=klingproxy;Password=secret-without-host")]
    [InlineData("postgres://klingproxy:secret@db/klingproxy")]
    [InlineData("Host=db;Nonsense=1")]
    [InlineData("Host=db;Port=many")]
    public void A_connection_string_that_cannot_work_is_refused_by_name_and_not_repeated(string connection)
    {
        var verdict = new StorageOptionsValidator().Validate(null, new StorageOptions { Postgres = connection });

        Assert.Contains("Storage__Postgres", verdict.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", verdict.FailureMessage, StringComparison.Ordinal);
    }

    /// <summary>A world with a server of its own, which may be stopped.</summary>
    public sealed class World : ProxyFixture
    {
        private string connection = "";

        internal PostgresServer? Database { get; private set; }

        protected override IEnumerable<(string Name, string Value)> Settings => [("Storage:Postgres", connection)];

        public override async ValueTask InitializeAsync()
        {
            Database = await PostgresServer.Start();
            connection = await Database.NewDatabase();
            await base.InitializeAsync();
        }

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            if (Database is not null)
                await Database.DisposeAsync();
        }
    }
}
