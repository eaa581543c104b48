using Microsoft.Data.Sqlite;

namespace KlingProxy.Tests.Jobs;

/// <summary>Somebody else holds the database's write lock: a backup, a person with a shell.</summary>
public sealed class LockedDatabaseTests(LockedDatabaseTests.World proxy) : IClassFixture<LockedDatabaseTests.World>
{
    private const int NotWritten = 1006;

    [Fact]
    public async Task Refuses_a_job_before_anything_is_sent()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();

        await using (Lock())
        {
            using var reply = await caller.Call("POST /v1/jobs", order);
            Assert.NotNull(reply.Headers.RetryAfter);
            await Task.FromResult(reply).Refused(503, "database-unavailable");
        }

        Assert.Equal(0, proxy.SubmitsOf(order));
        await caller.Create(order);
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
    }

    [Fact]
    public async Task Asks_no_client_of_fals_to_send_a_submit_again()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();

        await using (Lock())
            Assert.Equal(500, await caller.Call("POST /fal/queue/fal-ai/kling-video/o3/4k/image-to-video", order["input"]).Status()); // 503 would be repeated, by all of them

        Assert.Equal(0, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Keeps_fals_answer_until_it_can_be_written_down()
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
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    private SqliteConnection Lock()
    {
        var other = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = proxy.DatabaseFile, Pooling = false }.ToString());
        other.Open();
        using var begin = other.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();
        return other;
    }

    public sealed class World : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:SubmitWait", "00:00:00")];
    }
}
