using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Spending;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Faults.Upstream;

/// <summary>A start deadline holds before every send, and a send counts on the day on which it leaves.</summary>
public sealed class StartDeadlineTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task X05_what_fal_refused_for_now_is_not_sent_three_days_later()
    {
        var key = await proxy.KeyWith("jobs");
        using var caller = proxy.With(key.Text("key"));
        using var boss = proxy.Operator();
        var (id, order) = await Postponed(caller);

        proxy.Clock.Advance(TimeSpan.FromDays(3)); // as after a stop: nothing has looked at it meanwhile
        await Ends(id);

        var job = await caller.Call($"GET /v1/jobs/{id}").Json();
        Assert.Equal(("expired", "0.00", "upstream-unavailable"), (job.Text("status"), job.Text("cost"), job.GetProperty("error").Text("code")));
        Assert.Equal((1, LedgerOf.Released), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
    }

    [Fact]
    public async Task X05_what_was_recorded_before_a_stop_is_not_sent_after_its_deadline_and_its_key_is_free()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = await Recorded(proxy.Clock.GetUtcNow().AddHours(-2), order, "key_of_nobody");

        await Ends(id);

        var job = (await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId(id), Cancel))!;
        Assert.Equal((JobStatus.Expired, "start-timeout", 0m), (job.Status, job.Error?.Code, job.Cost));
        Assert.Equal((0, LedgerOf.Released), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
    }

    [Fact]
    public async Task X05_a_cancel_that_came_before_its_deadline_is_a_cancel()
    {
        using var caller = await proxy.NewCaller();
        var (id, order) = await Postponed(caller);

        Assert.Equal(202, await caller.Call($"POST /v1/jobs/{id}/cancel").Status());
        proxy.Clock.Advance(TimeSpan.FromDays(3));

        Assert.Equal("canceled", (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status"));
        Assert.Equal((1, LedgerOf.Released), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
    }

    [Fact]
    public async Task X05_a_callers_own_shorter_deadline_holds_too()
    {
        using var caller = await proxy.NewCaller();
        var (id, order) = await Postponed(caller, order => caller.Call("POST /fal/queue/fal-ai/kling-video/o3/4k/image-to-video", order["input"], ("x-fal-request-timeout", "20")));

        proxy.Clock.Advance(TimeSpan.FromSeconds(21));
        await Ends(id);

        Assert.Equal(("expired", 1), ((await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status"), proxy.SubmitsOf(order)));
        using var result = await caller.Call($"GET /fal/queue/fal-ai/kling-video/requests/{id}");
        Assert.Equal((504, "user"), ((int)result.StatusCode, Assert.Single(result.Headers.GetValues("x-fal-request-timeout-type")))); // on which no client tries again
    }

    [Fact]
    public async Task X05_it_holds_while_a_connection_is_made_that_takes_longer()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        proxy.Traffic.WhileConnecting = () => proxy.Clock.Advance(TimeSpan.FromSeconds(2));

        using var submitted = await caller.Call("POST /fal/queue/fal-ai/kling-video/o3/4k/image-to-video", order["input"], ("x-fal-request-timeout", "1"));
        var id = (await caller.Call("GET /v1/jobs?limit=1").Json()).GetProperty("data")[0].Text("id");
        await Ends(id);

        Assert.Equal(("expired", "0.00"), ((await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status"), (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("cost")));
        Assert.Equal((0, LedgerOf.Released), (proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
    }

    [Fact]
    public async Task X05_a_connection_that_is_there_after_midnight_sends_on_the_new_day()
    {
        await proxy.TurnToMidnight();
        using var caller = await proxy.NewCaller();
        using var boss = proxy.Operator();
        var (order, yesterday) = (Given.Order(), Day());
        proxy.Clock.Advance(TimeSpan.FromSeconds(30));
        proxy.Traffic.WhileConnecting = () => proxy.Clock.Advance(TimeSpan.FromSeconds(40)); // longer than what is left of the day, shorter than a submit may take

        var created = caller.Create(order);
        await proxy.TurnUntil(TimeSpan.FromMilliseconds(500), () => proxy.SubmitsOf(order) == 1);
        var id = (await created).Text("id");

        Assert.NotEqual(yesterday, Day());
        var hold = Assert.Single((await boss.Call($"GET /v1/ledger?job={id}").Json()).GetProperty("data").EnumerateArray());
        Assert.Equal(Day(), hold.Text("day"));
    }

    [Fact]
    public async Task X05_a_send_after_midnight_counts_on_the_new_day()
    {
        await proxy.TurnToMidnight();
        var key = await proxy.KeyWith("jobs", ("budget_per_day", "2.10"));
        using var caller = proxy.With(key.Text("key"));
        using var boss = proxy.Operator();
        var (id, order) = await Postponed(caller);
        var yesterday = Day();

        proxy.Clock.Advance(TimeSpan.FromMinutes(2));
        await proxy.TurnWhileUnsent(id, () => false);

        Assert.Equal(2, proxy.SubmitsOf(order));
        Assert.NotEqual(yesterday, Day());
        Assert.Equal("held 2.10, spent 0.00, left 0.00", await caller.Today());
        await caller.Call("POST /v1/jobs", Given.Order()).Refused(402, "budget-exceeded");
        await proxy.End(caller, id);
        var lines = (await boss.Call($"GET /v1/ledger?job={id}").Json()).GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(3, lines.Count);
        Assert.All(lines, line => Assert.Equal(Day(), line.Text("day")));
    }

    [Fact]
    public async Task X05_a_day_whose_money_is_spoken_for_sends_nothing_that_another_day_recorded()
    {
        await proxy.TurnToMidnight();
        var key = await proxy.KeyWith("jobs", ("budget_per_day", "2.10"));
        using var caller = proxy.With(key.Text("key"));
        var yesterday = proxy.Clock.GetUtcNow();
        proxy.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(202, await caller.Call("POST /v1/jobs", Given.Order()).Status());
        var order = Given.Order();
        var id = await Recorded(yesterday, order, key.Text("id"));

        await Ends(id);

        Assert.Equal(("expired", 0, LedgerOf.Released), ((await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status"), proxy.SubmitsOf(order), LedgerOf.Of(proxy, id)));
        Assert.Equal("held 2.10, spent 0.00, left 0.00", await caller.Today());
    }

    private string Day() => DateOnly.FromDateTime(proxy.Clock.GetUtcNow().UtcDateTime).ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    // fal said "not now", and that is written down; from now on it would take it.
    private async Task<(string Id, JsonNode Order)> Postponed(HttpClient caller, Func<JsonNode, Task<HttpResponseMessage>>? door = null)
    {
        proxy.Fal.Fault = Sandbox.SandboxFault.RateLimited;
        var order = Given.Order();
        _ = door is null ? caller.Call("POST /v1/jobs", order) : door(order); // it waits for fal's answer as long as the clock stands
        await proxy.Until(() => proxy.SubmitsOf(order) == 1);
        var id = (await caller.Call("GET /v1/jobs?limit=1").Json()).GetProperty("data")[0].Text("id");
        await Unsent(id);
        proxy.Fal.Fault = null;
        return (id, order);
    }

    private Task Unsent(string id) => proxy.Until(async () => await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId(id), Cancel) is { DispatchedAt: null, UnsentAttempts: > 0 });

    private Task Ends(string id) => proxy.TurnUntil(TimeSpan.FromSeconds(10), async () => await proxy.Services.GetRequiredService<IJobStore>().Find(new JobId(id), Cancel) is not { Status: JobStatus.Submitting });

    // The process died between the record and the send.
    private async Task<string> Recorded(DateTimeOffset at, JsonNode order, string callerId)
    {
        var job = Tests.Storage.Contracts.JobStoreContract.NewJob() with { CallerId = new CallerId(callerId), Input = System.Text.Json.JsonElement.Parse(order["input"]!.ToJsonString()), CreatedAt = at };
        await proxy.Services.GetRequiredService<IJobStore>().Add(job, null, Given.Rich, Cancel);
        return job.Id;
    }
}

file static class Midnight
{
    /// <summary>A minute before it.</summary>
    public static Task TurnToMidnight(this TimedFixture proxy)
    {
        var now = proxy.Clock.GetUtcNow();
        proxy.Clock.Advance(now.Date.AddDays(1).AddMinutes(-1) - now.UtcDateTime is var left && left > TimeSpan.Zero ? left : left + TimeSpan.FromDays(1));
        return Task.CompletedTask;
    }
}
