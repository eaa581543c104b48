using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Postgres;

namespace KlingProxy.Tests.Spending;

public sealed class BudgetTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    [Fact]
    public async Task Two_hundred_creates_at_a_budget_for_three_are_three_videos()
    {
        using var caller = await proxy.CallerWith(("budget_per_day", "6.30"));

        await TwoHundred.At(proxy, caller, caller);
    }

    [Fact]
    public async Task Money_is_held_at_once_and_spent_at_the_verdict()
    {
        using var caller = await proxy.CallerWith(("budget_per_day", "10"));
        Assert.Equal("held 0.00, spent 0.00, left 10.00", await caller.Today());

        var id = (await caller.Create()).Text("id");
        Assert.Equal("held 2.10, spent 0.00, left 7.90", await caller.Today());
        await proxy.End(caller, id);

        Assert.Equal("held 0.00, spent 2.10, left 7.90", await caller.Today());
    }

    [Theory]
    [InlineData("rejects", 422)]
    [InlineData("empty-balance", 503)]
    public async Task Money_comes_back_when_fal_takes_no_job(string fault, int status)
    {
        await using var world = new BudgetFixture(); // an empty balance pauses every submit
        await world.InitializeAsync();
        using var caller = await world.CallerWith(("budget_per_day", "2.10"));

        Assert.Equal(status, await caller.Call("POST /v1/jobs", Given.OrderThat(fault)).Status());

        Assert.Equal("held 0.00, spent 0.00, left 2.10", await caller.Today());
    }

    [Fact]
    public async Task Money_comes_back_when_the_model_refuses()
    {
        using var caller = await proxy.CallerWith(("budget_per_day", "2.10"));
        var id = (await caller.Create(Given.OrderThat("completes-then-422"))).Text("id");
        await caller.Call("POST /v1/jobs", Given.Order()).Refused(402, "budget-exceeded");

        await proxy.End(caller, id);

        Assert.Equal("held 0.00, spent 0.00, left 2.10", await caller.Today());
    }

    [Fact]
    public async Task Nothing_comes_back_while_nobody_knows()
    {
        using var caller = await proxy.CallerWith(("budget_per_day", "2.10"));

        Assert.Equal("unconfirmed", (await caller.Create(Given.OrderThat("loses-reply"))).Text("status"));

        Assert.Equal("held 2.10, spent 0.00, left 0.00", await caller.Today());
        await caller.Call("POST /v1/jobs", Given.Order()).Refused(402, "budget-exceeded");
    }

    [Fact]
    public async Task A_day_begins_anew_at_midnight_UTC_and_a_total_never()
    {
        using var perDay = await proxy.CallerWith(("budget_per_day", "2.10"));
        using var inTotal = await proxy.CallerWith(("budget_total", "2.10"));
        foreach (var caller in new[] { perDay, inTotal })
            await proxy.End(caller, (await caller.Create()).Text("id"));
        var resets = (await perDay.Call("GET /v1/account").Json()).GetProperty("budget").GetProperty("today").GetProperty("resets_at").GetDateTimeOffset();
        Assert.Equal(TimeSpan.Zero, resets.TimeOfDay);
        var (today, ever) = (
            await perDay.Call("POST /v1/jobs", Given.Order()).Refused(402, "budget-exceeded"), await inTotal.Call("POST /v1/jobs", Given.Order()).Refused(402, "budget-exceeded"));
        Assert.Equal(("2.10", "0.00", "day", resets), (today.Text("amount"), today.Text("left"), today.Text("window"), today.GetProperty("resets_at").GetDateTimeOffset()));
        Assert.Equal(("2.10", "0.00", "total", false), (ever.Text("amount"), ever.Text("left"), ever.Text("window"), ever.TryGetProperty("resets_at", out _)));

        proxy.Clock.Advance(resets - proxy.Clock.GetUtcNow());

        Assert.Equal(202, await perDay.Call("POST /v1/jobs", Given.Order()).Status());
        var refusal = await inTotal.Call("POST /v1/jobs", Given.Order()).Refused(402, "budget-exceeded");
        Assert.Equal("It would cost 2.10 USD; 0.00 USD is left of your budget in total.", refusal.Text("detail"));
    }

    [Fact]
    public async Task A_quote_says_what_is_left_and_reserves_nothing()
    {
        using var caller = await proxy.CallerWith(("budget_per_day", "3.00"));
        await caller.Create();

        var quote = await caller.Call("POST /v1/quotes", Given.Order()).Json();

        Assert.Equal(("2.10", "0.90"), (quote.Text("amount"), quote.Text("budget_left")));
        Assert.Equal("held 2.10, spent 0.00, left 0.90", await caller.Today());
    }

    [Fact]
    public async Task A_refusal_takes_nothing_not_even_the_idempotency_key()
    {
        using var caller = await proxy.CallerWith(("budget_per_day", "2.10"));
        var first = (await caller.Create()).Text("id");
        var order = Given.Order();
        await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", "again")).Refused(402, "budget-exceeded");
        Assert.Equal(202, await caller.Call($"POST /v1/jobs/{first}/cancel").Status());
        await proxy.End(caller, first);

        Assert.Equal(202, await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", "again")).Status());
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task The_same_request_again_is_not_asked_for_money_again()
    {
        using var caller = await proxy.CallerWith(("budget_per_day", "2.10"));
        var order = Given.Order();
        var job = await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", "one")).Json();

        var again = await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", "one")).Json();

        Assert.Equal(job.Text("id"), again.Text("id"));
    }

    [Fact]
    public async Task Max_cost_below_the_price_is_refused_and_nothing_is_held()
    {
        using var caller = await proxy.CallerWith();
        var order = Given.Order();
        order["max_cost"] = "2.09";

        var refusal = await caller.Call("POST /v1/jobs", order).Refused(402, "max-cost-exceeded");
        Assert.Equal(("2.10", "2.09", "job"), (refusal.Text("amount"), refusal.Text("left"), refusal.Text("window")));

        Assert.Equal("held 0.00, spent 0.00, left 1000000.00", await caller.Today());
        Assert.Equal(0, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task So_many_jobs_at_a_time_and_no_more()
    {
        using var caller = await proxy.CallerWith(("in_flight", 2));
        var first = (await caller.Create()).Text("id");
        await caller.Create();

        var order = Given.Order();
        using var refused = await caller.Call("POST /v1/jobs", order);
        Assert.Equal("15", Assert.Single(refused.Headers.GetValues("Retry-After")));
        Assert.Equal(2, (await Task.FromResult(refused).Refused(429, "too-many-jobs")).GetProperty("limit").GetInt32());
        await proxy.End(caller, first);

        Assert.Equal(0, proxy.SubmitsOf(order));
        Assert.Equal(202, await caller.Call("POST /v1/jobs", Given.Order()).Status());
    }

    [Fact]
    public async Task Fals_own_clients_meet_the_same_limits()
    {
        using var caller = await proxy.CallerWith(("budget_per_day", "2.10"));
        await caller.Create();

        using var reply = await caller.Call("POST /fal/queue/fal-ai/kling-video/o3/4k/image-to-video", Given.Order()["input"]!.DeepClone());

        var body = await reply.Json();
        Assert.Equal((402, "budget-exceeded"), ((int)reply.StatusCode, body.Text("code")));
        Assert.Contains("0.00 USD is left of your budget for today", body.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_tells_what_one_may()
    {
        var key = await proxy.KeyWith("jobs", ("budget_per_day", "8"), ("budget_total", "20"), ("in_flight", 3), ("requests_per_minute", 100));
        using var caller = proxy.With(key.Text("key"));
        await caller.Create();

        var account = await caller.Call("GET /v1/account").Json();

        Assert.Equal((key.Text("id"), "live", false), (account.Text("caller_id"), account.Text("mode"), account.GetProperty("frozen").GetBoolean()));
        Assert.Equal(("20.00", "2.10"), (account.GetProperty("budget").GetProperty("total").Text("limit"), account.GetProperty("budget").GetProperty("total").Text("held")));
        var limits = account.GetProperty("limits");
        Assert.Equal((3, 1, 100, 1000), (limits.GetProperty("in_flight").GetInt32(), limits.GetProperty("jobs_in_flight").GetInt32(), limits.GetProperty("requests_per_minute").GetInt32(), limits.GetProperty("open_streams").GetInt32()));
        Assert.False(account.TryGetProperty("service", out _));
    }
}

/// <summary>What the deployment allows, whoever asks.</summary>
public sealed class DeploymentBudgetTests
{
    [Theory]
    [InlineData("Budget:PerDay", "4.20", "this service's budget for today (UTC)")]
    [InlineData("Budget:PerCallerPerDay", "4.20", "your budget for today (UTC)")]
    [InlineData("Budget:PerCaller", "4.20", "your budget in total")]
    [InlineData("Budget:AnonymousPerDay", "4.20", "today's budget (UTC) for everyone without a credential")]
    public async Task Is_enough_for_two(string setting, string value, string budget)
    {
        await using var proxy = new DeploymentBudgetFixture((setting, value));
        await proxy.InitializeAsync();
        using var named = await proxy.NewCaller();
        using var anonymous = proxy.Anyone();
        var caller = setting.Contains("Anonymous", StringComparison.Ordinal) ? anonymous : named;
        await caller.Create();
        await caller.Create();

        var refusal = await caller.Call("POST /v1/jobs", Given.Order()).Refused(402, "budget-exceeded");

        Assert.Equal($"It would cost 2.10 USD; 0.00 USD is left of {budget}.", refusal.Text("detail"));
        using var another = await proxy.NewCaller();
        Assert.Equal(setting == "Budget:PerDay" ? 402 : 202, await another.Call("POST /v1/jobs", Given.Order()).Status());
    }

    [Theory]
    [InlineData("Limits:InFlight", "This service may have 2 jobs under way at a time.")]
    [InlineData("Limits:InFlightPerCaller", "You may have 2 jobs under way at a time.")]
    public async Task Is_two_jobs_at_a_time(string setting, string detail)
    {
        await using var proxy = new DeploymentBudgetFixture((setting, "2"));
        await proxy.InitializeAsync();
        using var caller = await proxy.NewCaller();
        await caller.Create();
        await caller.Create();

        var refusal = await caller.Call("POST /v1/jobs", Given.Order()).Refused(429, "too-many-jobs");

        Assert.Equal(detail, refusal.Text("detail"));
    }

    [Fact]
    public async Task Is_ten_dollars_a_caller_fifty_a_day_and_four_jobs_unless_set()
    {
        await using var proxy = new DeploymentBudgetFixture(("Budget:PerDay", "50"), ("Budget:PerCallerPerDay", "10"), ("Limits:InFlight", "40"), ("Limits:InFlightPerCaller", "4"), ("Budget:AnonymousPerDay", "5"));
        await proxy.InitializeAsync();
        var file = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(EndToEnd.Repository.Root, "appsettings.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal((50, 10, "none", 5), ((int)file["Budget"]!["PerDay"]!, (int)file["Budget"]!["PerCallerPerDay"]!, (string)file["Budget"]!["PerCaller"]!, (int)file["Budget"]!["AnonymousPerDay"]!));
        Assert.Equal((40, 4), ((int)file["Limits"]!["InFlight"]!, (int)file["Limits"]!["InFlightPerCaller"]!));

        using var caller = await proxy.NewCaller();
        using var boss = proxy.Operator();
        var (account, service) = (await caller.Call("GET /v1/account").Json(), (await boss.Call("GET /v1/account").Json()).GetProperty("service"));

        Assert.Equal("10.00", account.GetProperty("budget").Text("left"));
        Assert.Equal(("50.00", "5.00", 40), (service.GetProperty("today").Text("limit"), service.GetProperty("anonymous_today").Text("limit"), service.GetProperty("in_flight").GetInt32()));
    }

    private sealed class DeploymentBudgetFixture(params (string Name, string Value)[] settings) : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Access:Anonymous", "true"), .. settings];
    }
}

/// <summary>The same through two replicas that share a database.</summary>
public sealed class ReplicatedBudgetTests(ReplicaFixture replicas) : IClassFixture<ReplicaFixture>
{
    [Fact]
    public async Task Two_hundred_creates_through_both_at_a_budget_for_three_are_three_videos()
    {
        using var boss = replicas.Operator();
        var key = (await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "poor", ["scopes"] = new JsonArray("jobs"), ["budget_per_day"] = "6.30" }).Json()).Text("key");
        using var here = replicas.With(key);
        using var elsewhere = replicas.Other.With(key);

        await TwoHundred.At(replicas, here, elsewhere);
    }
}

internal static class TwoHundred
{
    public static async Task At(ProxyFixture proxy, HttpClient one, HttpClient other)
    {
        var orders = Enumerable.Range(0, 200).Select(_ => Given.Order()).ToList();

        var statuses = await Task.WhenAll(orders.Select((order, number) => (number % 2 == 0 ? one : other).Call("POST /v1/jobs", order).Status()));

        Assert.Equal((3, 197), (statuses.Count(status => status == 202), statuses.Count(status => status == 402)));
        Assert.Equal(3, orders.Sum(proxy.SubmitsOf));
    }
}
