using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Spending;

/// <summary>A bill beyond the hold is not believed: nobody agreed to it.</summary>
public sealed class BilledMoreTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    [Theory]
    [InlineData("bills-more", "8")]
    [InlineData("bills-nonsense", "NaN")]
    public async Task It_is_settled_at_the_hold_and_shown_to_the_operator(string fault, string units)
    {
        var key = await proxy.KeyWith("jobs", ("budget_per_day", "4.20"), ("in_flight", 1));
        using var boss = proxy.Operator();
        using var caller = proxy.With(key.Text("key"));
        var order = Given.OrderThat(fault);
        var id = (await caller.Create(order)).Text("id");

        var job = await proxy.End(caller, id);

        Assert.Equal(("completed", "2.10", true), (job.Text("status"), job.Text("cost"), job.GetProperty("cost_is_estimated").GetBoolean()));
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, id));
        var row = Assert.Single(await Attention(boss), row => row.Text("id") == id);
        Assert.Equal(("billed-more", units, "2.10", "2.10", proxy.AtFal(order).RequestId), (row.Text("reason"), row.Text("billed_units"), row.Text("cost"), row.Text("estimated_cost"), row.Text("request_id")));
        Assert.Contains(proxy.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal) && line.Contains($"\"{units}\"", StringComparison.Ordinal));

        // It eats nobody's budget and stops nobody.
        Assert.Equal("held 0.00, spent 2.10, left 2.10", await caller.Today());
        Assert.Equal(202, await caller.Call("POST /v1/jobs", Given.Order()).Status());
        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{id}/video").Status());

        await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "0" }).Refused(409, "not-in-attention");
        var seen = await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["acknowledge"] = true }).Json();
        Assert.Equal((JsonValueKind.Null, "2.10", units), (seen.GetProperty("reason").ValueKind, seen.Text("cost"), seen.Text("billed_units")));
        Assert.DoesNotContain(await Attention(boss), waiting => waiting.Text("id") == id);
        await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["acknowledge"] = true }).Refused(409, "not-in-attention");
        Assert.Equal(LedgerOf.Paid, LedgerOf.Of(proxy, id));
    }

    [Fact]
    public async Task A_frame_too_many_is_no_reason_to_wake_anybody()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("bills-a-frame-more"))).Text("id");

        var job = await proxy.End(caller, id);

        Assert.Equal(("2.10", false, LedgerOf.Paid), (job.Text("cost"), job.GetProperty("cost_is_estimated").GetBoolean(), LedgerOf.Of(proxy, id)));
        Assert.DoesNotContain(await Attention(boss), row => row.Text("id") == id);
    }

    [Fact]
    public async Task Its_caller_may_delete_the_job_and_its_operator_still_sees_it()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("bills-more"))).Text("id");
        await proxy.End(caller, id);

        Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{id}").Status());

        var row = Assert.Single(await Attention(boss), row => row.Text("id") == id);
        Assert.Equal(("billed-more", "8", JsonValueKind.Null), (row.Text("reason"), row.Text("billed_units"), row.GetProperty("status").ValueKind));
        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["acknowledge"] = true }).Status());
        Assert.DoesNotContain(await Attention(boss), waiting => waiting.Text("id") == id);
    }

    private static async Task<List<JsonElement>> Attention(HttpClient boss) => [.. (await boss.Call("GET /v1/attention?limit=100").Json()).GetProperty("data").EnumerateArray()];
}
