using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Spending;

public sealed class FreezeTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task Under_load_no_submit_begins_after_it_and_what_was_sent_is_settled()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        using var stop = new CancellationTokenSource();
        var (accepted, refused) = (0, 0);
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                _ = await caller.Call("POST /v1/jobs", Given.Order()).Status() == 202 ? Interlocked.Increment(ref accepted) : Interlocked.Increment(ref refused);
        })).ToList();
        await proxy.Until(() => accepted > 20);

        Assert.Equal(200, await boss.Call("PUT /v1/freeze", new JsonObject { ["reason"] = "looking into it" }).Status());
        var begun = Begun();
        await proxy.Until(() => refused > 50);
        await stop.CancelAsync();
        await Task.WhenAll(load).Within("the load ended", proxy.Stand);

        Assert.Equal(begun, Begun());
        Assert.Equal(begun, proxy.Fal.Counts.Submits);
        var refusal = await caller.Call("POST /v1/jobs", Given.Order()).Refused(503, "frozen");
        Assert.DoesNotContain("looking into it", refusal.GetRawText(), StringComparison.Ordinal);
        Assert.True((await caller.Call("GET /v1/account").Json()).GetProperty("frozen").GetBoolean());
        Assert.Equal("looking into it", (await boss.Call("GET /v1/account").Json()).GetProperty("service").GetProperty("freeze").Text("reason"));

        var running = (await caller.Call("GET /v1/jobs?status=queued&limit=1").Json()).GetProperty("data")[0].Text("id");
        Assert.Equal("completed", (await proxy.End(caller, running)).Text("status"));
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, running));

        Assert.Equal(204, await boss.Call("DELETE /v1/freeze").Status());
        Assert.Equal(202, await caller.Call("POST /v1/jobs", Given.Order()).Status());
    }

    // Submits whose mark is on disk.
    private long Begun()
    {
        using var file = LedgerOf.Open(proxy.DatabaseFile);
        using var command = file.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM jobs WHERE document LIKE '%\"dispatched_at\":%'";
        return (long)command.ExecuteScalar()!;
    }
}

public sealed class FrozenJobTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    [Fact]
    public async Task What_was_only_recorded_waits_and_goes_on()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = await Frozen(caller, boss, order);
        var before = proxy.SubmitsOf(order);

        var frozen = proxy.Clock.GetUtcNow();
        await proxy.TurnUntil(TimeSpan.FromSeconds(10), async () => proxy.Clock.GetUtcNow() - frozen > TimeSpan.FromMinutes(20)
            && (await caller.Call($"GET /v1/jobs/{id}").Json()).GetProperty("waiting_for").ToString() == "freeze");
        Assert.Equal((before, "submitting", LedgerOf.Held), (proxy.SubmitsOf(order), await Status(caller, id), LedgerOf.Of(proxy, id)));
        Assert.Equal(204, await boss.Call("DELETE /v1/freeze").Status());

        await proxy.TurnWhileUnsent(id, () => false);
        await caller.Reaches(id, "queued");
        Assert.Equal(before + 1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task What_waits_beyond_its_start_deadline_expires_for_nothing()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = await Frozen(caller, boss, order);
        var before = proxy.SubmitsOf(order);

        await proxy.TurnUntil(TimeSpan.FromMinutes(1), async () => await Status(caller, id) == "expired");

        Assert.Equal((before, LedgerOf.Released), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
        Assert.Equal("frozen", (await caller.Call($"GET /v1/jobs/{id}").Json()).GetProperty("error").Text("code"));
        Assert.Equal(204, await boss.Call("DELETE /v1/freeze").Status());
    }

    [Theory]
    [InlineData("""{"reason": 1}""", "/reason")]
    [InlineData("""{"reason": "two\nlines"}""", "/reason")]
    [InlineData("""{"why": "x"}""", "/why")]
    public async Task A_freeze_that_is_not_understood_freezes_nothing(string body, string field)
    {
        using var boss = proxy.Operator();

        var problem = await boss.Call("PUT /v1/freeze", JsonNode.Parse(body)).Refused(422, "invalid-request");

        Assert.Equal([field], problem.Pointers());
        Assert.False((await boss.Call("GET /v1/account").Json()).GetProperty("frozen").GetBoolean());
    }

    // Recorded, and held back by fal once; from now on fal would take it, and the operator does not let it go.
    private async Task<string> Frozen(HttpClient caller, HttpClient boss, JsonNode order)
    {
        proxy.Fal.Fault = Sandbox.SandboxFault.RateLimited;
        var id = (await caller.Call("POST /v1/jobs", order).Json()).Text("id");
        await Postponed(id);
        await boss.Call("PUT /v1/freeze").Json();
        proxy.Fal.Fault = null;
        return id;
    }

    // fal's "not now" is written down: the clock may turn, nothing is in the air.
    private Task Postponed(string id) => proxy.Until(async () =>
        await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId(id), TestContext.Current.CancellationToken) is { DispatchedAt: null, UnsentAttempts: > 0 });

    private static async Task<string> Status(HttpClient caller, string id) => (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status");
}
