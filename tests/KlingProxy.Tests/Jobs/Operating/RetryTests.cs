using System.Text.Json.Nodes;

using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Spending;

namespace KlingProxy.Tests.Jobs.Operating;

/// <summary>A failed job is made once more: for its caller, by all rules of a create, and once.</summary>
public sealed class RetryTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    [Fact]
    public async Task Makes_a_new_job_for_the_same_caller_and_names_each_in_the_other()
    {
        using var boss = proxy.Operator();
        var key = await proxy.KeyWith("jobs");
        using var caller = proxy.With(key.Text("key"));
        var order = Given.OrderThat("completes-then-422");
        order["metadata"] = new JsonObject { ["scene"] = "7" };
        var failed = await Failed(caller, order);
        using var before = await caller.Call($"GET /v1/jobs/{failed}");
        proxy.Clock.Advance(TimeSpan.FromSeconds(1));

        using var reply = await boss.Call($"POST /v1/jobs/{failed}/retry");
        var retried = await reply.Json();
        var id = retried.Text("id");
        var own = await caller.Call($"GET /v1/jobs/{id}").Json();
        using var after = await caller.Call($"GET /v1/jobs/{failed}", null, ("If-None-Match", before.Headers.ETag!.ToString()));

        Assert.Equal((202, $"/v1/jobs/{id}"), ((int)reply.StatusCode, reply.Headers.Location?.ToString()));
        Assert.Equal((failed, key.Text("id")), (retried.Text("retry_of"), retried.GetProperty("operator").Text("caller_id")));
        Assert.Equal((failed, "7"), (own.Text("retry_of"), own.GetProperty("metadata").Text("scene")));
        Assert.Equal(id, (await after.Json()).Text("retried_as")); // no 304
        Assert.Equal(LedgerOf.Held, LedgerOf.Of(proxy, id));
        await proxy.Until(() => proxy.SubmitsOf(order) == 2);
        Assert.Equal([id, failed], (await caller.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray().Select(job => job.Text("id")));
    }

    [Fact]
    public async Task Asked_again_it_answers_the_same_and_a_key_of_its_own_makes_another()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("completes-then-422");
        var failed = await Failed(caller, order);

        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Id(boss, failed)));
        using var replayed = await boss.Call($"POST /v1/jobs/{failed}/retry");
        using var before = await caller.Call($"GET /v1/jobs/{failed}");
        var another = await Id(boss, failed, "another");
        using var after = await caller.Call($"GET /v1/jobs/{failed}", null, ("If-None-Match", before.Headers.ETag!.ToString()));

        Assert.Equal(200, (int)after.StatusCode); // it names another one now
        Assert.Equal((ids[0], "true"), (Assert.Single(ids.Distinct()), replayed.Headers.GetValues("Idempotent-Replayed").Single()));
        Assert.NotEqual(ids[0], another);
        Assert.Equal(another, await Id(boss, failed, "another"));
        Assert.Equal(another, (await caller.Call($"GET /v1/jobs/{failed}").Json()).Text("retried_as"));
        await proxy.Until(() => proxy.SubmitsOf(order) == 3);
        await boss.Call($"POST /v1/jobs/{failed}/retry", null, ("Idempotency-Key", "a b")).Refused(400, "invalid-idempotency-key");
    }

    [Fact]
    public async Task All_rules_of_a_create_hold()
    {
        using var boss = proxy.Operator();
        var key = await proxy.KeyWith("jobs", ("budget_total", "4.20"));
        using var caller = proxy.With(key.Text("key"));
        var order = Given.OrderThat("completes-then-422");
        var failed = await Failed(caller, order);
        await caller.Create();
        await caller.Create();

        await boss.Call($"POST /v1/jobs/{failed}/retry").Refused(402, "budget-exceeded");
        await boss.Call($"PATCH /v1/keys/{key.Text("id")}", new JsonObject { ["budget_total"] = null, ["in_flight"] = 2 }).Json();
        await boss.Call($"POST /v1/jobs/{failed}/retry").Refused(429, "too-many-jobs");
        await boss.Call($"PATCH /v1/keys/{key.Text("id")}", new JsonObject { ["in_flight"] = null }).Json();
        await boss.Call("PUT /v1/freeze").Json();
        await boss.Call($"POST /v1/jobs/{failed}/retry").Refused(503, "frozen");
        Assert.Equal(204, await boss.Call("DELETE /v1/freeze").Status());
        Assert.Equal(1, proxy.SubmitsOf(order));
        Assert.False((await caller.Call($"GET /v1/jobs/{failed}").Json()).TryGetProperty("retried_as", out _));

        Assert.Equal(204, await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status());
        await boss.Call($"POST /v1/jobs/{failed}/retry").Refused(409, "key-ended");
    }

    [Fact]
    public async Task Makes_nothing_of_what_has_not_failed()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var (running, completed) = ((await caller.Create()).Text("id"), (await caller.Create()).Text("id"));
        await boss.Call($"POST /v1/jobs/{running}/retry").Refused(409, "job-not-failed");
        await proxy.End(caller, completed);

        await boss.Call($"POST /v1/jobs/{completed}/retry").Refused(409, "job-not-failed");
        await boss.Call("POST /v1/jobs/job_00000000000000000000000000000000/retry").Refused(404, "job-not-found");
    }

    [Fact]
    public async Task The_page_of_a_ticket_sees_what_is_made_once_more()
    {
        using var boss = proxy.Operator();
        using var server = await proxy.NewCaller("tickets");
        var ticket = await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "2.10", ["origin"] = "https://app.example.com" }).Json();
        using var page = proxy.With(ticket.Text("ticket"));
        page.DefaultRequestHeaders.Add("Origin", "https://app.example.com");
        var failed = await Failed(page, Given.OrderThat("completes-then-422"));

        var id = await Id(boss, failed);

        Assert.Equal(failed, (await page.Call($"GET /v1/jobs/{id}").Json()).Text("retry_of"));
        await page.Call("POST /v1/jobs", Given.Order()).Refused(403, "ticket-spent");
    }

    private async Task<string> Failed(HttpClient caller, JsonNode order)
    {
        var id = (await caller.Create(order)).Text("id");
        Assert.Equal("failed", (await proxy.End(caller, id)).Text("status"));
        return id;
    }

    private static async Task<string> Id(HttpClient boss, string failed, string? key = null) =>
        (await boss.Call($"POST /v1/jobs/{failed}/retry", null, key is null ? [] : [("Idempotency-Key", key)]).Json()).Text("id");
}
