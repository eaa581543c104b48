using KlingProxy.Tests.Fixtures;

using Microsoft.Data.Sqlite;

namespace KlingProxy.Tests.Faults;

/// <summary>Without a record nothing is sent, and what was sent is written down however long that takes.</summary>
public sealed class DatabaseFaultTests(DatabaseFaultTests.DatabaseFaultFixture proxy) : IClassFixture<DatabaseFaultTests.DatabaseFaultFixture>
{
    private const int NotWritten = 1006;

    [Fact]
    public async Task X20_a_locked_database_refuses_a_job_before_anything_is_sent()
    {
        using var caller = await proxy.NewCaller();
        var (before, order) = ((await caller.Create()).Text("id"), Given.Order());

        await using (Lock())
        {
            using var reply = await caller.Call("POST /v1/jobs", order);
            Assert.NotNull(reply.Headers.RetryAfter);
            await Task.FromResult(reply).Refused(503, "database-unavailable");
            Assert.Equal(200, await caller.Call($"GET /v1/jobs/{before}").Status());
        }

        Assert.Equal(0, proxy.SubmitsOf(order));
        var id = (await caller.Create(order)).Text("id");
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
        Assert.Equal(LedgerOf.Held, LedgerOf.Of(proxy, id));
    }

    [Fact]
    public async Task X20_a_locked_database_asks_no_client_of_fals_to_send_a_submit_again()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();

        await using (Lock())
            Assert.Equal(500, await caller.Call("POST /fal/queue/fal-ai/kling-video/o3/4k/image-to-video", order["input"]).Status()); // 503 would be repeated, by all of them

        Assert.Equal(0, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task X20_fals_answer_is_kept_until_the_database_is_back()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("holds-reply");
        var id = (await caller.Create(order)).Text("id");
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);

        await using (Lock())
        {
            await proxy.Until(() =>
            {
                proxy.FalClock.Advance(TimeSpan.FromSeconds(5)); // after a minute fal answers
                return proxy.Log.Events.Any(line => line.Properties.TryGetValue("EventId", out var number) && number.ToString().Contains($"{NotWritten}", StringComparison.Ordinal));
            });
            Assert.Equal("submitting", (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status"));
        }

        Assert.Equal("completed", (await proxy.End(caller, id)).Text("status"));
        Assert.Equal((1, LedgerOf.Paid), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
    }

    [Theory]
    [InlineData("Release")]
    [InlineData("Settlement")]
    public async Task X23_a_settlement_that_breaks_off_between_its_steps_leaves_nothing_behind(string brokenStep)
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        await caller.Reaches(id, "queued");
        using (Broken(brokenStep))
        {
            proxy.LetJobsEnd();
            await proxy.Until(() => proxy.Fal.CountsFor(proxy.AtFal(order).RequestId).Results >= 3); // tried again and again

            var job = await caller.Call($"GET /v1/jobs/{id}").Json();
            Assert.Equal(("finalizing", System.Text.Json.JsonValueKind.Null, System.Text.Json.JsonValueKind.Null), (job.Text("status"), job.GetProperty("cost").ValueKind, job.GetProperty("video").ValueKind));
            Assert.Equal("finalizing", (await caller.Call($"GET /v1/jobs/{id}/events", null, ("Accept", "application/json")).Json()).GetProperty("data").EnumerateArray().Statuses().Last());
            Assert.Equal(LedgerOf.Held, LedgerOf.Of(proxy, id));
        }

        Assert.Equal("completed", (await caller.Ended(id)).Text("status"));
        Assert.Equal((1, 2.10m, LedgerOf.Paid), (proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount, LedgerOf.Of(proxy, id)));
    }

    // A kind of ledger entry that cannot be written until the returned value is disposed.
    private Breakage Broken(string kind)
    {
        Execute($"CREATE TRIGGER broken BEFORE INSERT ON ledger WHEN NEW.kind = '{kind}' BEGIN SELECT RAISE(ABORT, 'as if it crashed here'); END");
        return new Breakage(() => Execute("DROP TRIGGER broken"));
    }

    private void Execute(string sql)
    {
        using var file = LedgerOf.Open(proxy.DatabaseFile);
        using var command = file.CreateCommand();
#pragma warning disable CA2100 // the text is this test's own
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    // Somebody else holds the write lock: a backup, a person with a shell.
    private SqliteConnection Lock()
    {
        var other = LedgerOf.Open(proxy.DatabaseFile);
        using var begin = other.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();
        return other;
    }

    private sealed class Breakage(Action mend) : IDisposable
    {
        public void Dispose() => mend();
    }

    public sealed class DatabaseFaultFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:SubmitWait", "00:00:00")];
    }
}
