using System.Globalization;

using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Spending;

/// <summary>Our ledger beside fal's bill.</summary>
public sealed class DriftTests(DriftTests.DriftFixture proxy) : IClassFixture<DriftTests.DriftFixture>
{
    private const string Model = "fal-ai/kling-video/o3/4k/image-to-video";

    [Fact]
    public async Task Says_where_fals_bill_is_another_than_ours()
    {
        await using var proxy = new DriftFixture(); // nobody else's jobs
        await proxy.InitializeAsync();
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        await proxy.End(caller, (await caller.Create()).Text("id"));
        await proxy.End(caller, (await caller.Create(Given.OrderThat("completes-then-422"))).Text("id"));
        Assert.Equal("2.10 settled, 2.10 billed, 0.00 drift", await Today(proxy, boss));

        // Something else uses the account: a job of ours that we never heard of again, and that a person closed too early.
        var lost = (await caller.Create(Given.OrderThat("loses-reply"))).Text("id");
        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{lost}/resolve", new System.Text.Json.Nodes.JsonObject { ["cost"] = "0" }).Status());
        proxy.LetJobsEnd();
        await proxy.Until(() => proxy.Fal.Billed.Amount == 4.20m);

        Assert.Equal("2.10 settled, 4.20 billed, 2.10 drift", await Today(proxy, boss));
    }

    [Fact]
    public async Task Says_so_when_fal_does_not_answer()
    {
        using var boss = proxy.Operator();
        proxy.Fal.PlatformFails = true;
        try
        {
            await boss.Call("GET /v1/usage/drift").Refused(503, "bill-unavailable");
        }
        finally
        {
            proxy.Fal.PlatformFails = false;
        }
    }

    [Fact]
    public async Task Tells_our_side_where_fal_is_not_asked()
    {
        await using var proxy = new ProxyFixture();
        await proxy.InitializeAsync();
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        await proxy.End(caller, (await caller.Create()).Text("id"));

        var row = Assert.Single((await boss.Call("GET /v1/usage/drift").Json()).GetProperty("data").EnumerateArray());

        Assert.Equal((Model, "2.10", System.Text.Json.JsonValueKind.Null), (row.Text("model"), row.Text("settled"), row.GetProperty("billed").ValueKind));
        Assert.Equal(0, proxy.Fal.Counts.Usages);
    }

    [Fact]
    public async Task The_admin_key_goes_nowhere_else()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        await proxy.End(caller, (await caller.Create()).Text("id"));
        await boss.Call("GET /v1/usage/drift").Json();

        Assert.All(proxy.Fal.Received.Where(call => call.Headers.TryGetValue("Authorization", out var value) && value.Contains(proxy.Fal.AdminKey, StringComparison.Ordinal)),
            call => Assert.Equal(SandboxOperation.Usage, call.Operation));
        Assert.DoesNotContain(proxy.Log.Lines, line => line.Contains(proxy.Fal.AdminKey, StringComparison.Ordinal));
    }

    private static async Task<string> Today(DriftFixture proxy, HttpClient boss)
    {
        var day = DateOnly.FromDateTime(proxy.FalClock.GetUtcNow().UtcDateTime);
        var rows = (await boss.Call($"GET /v1/usage/drift?to={day.AddDays(1).ToString("O", CultureInfo.InvariantCulture)}").Json()).GetProperty("data").EnumerateArray()
            .Where(row => row.Text("model") == Model).ToList();
        decimal Sum(string name) => rows.Sum(row => decimal.Parse(row.Text(name), CultureInfo.InvariantCulture));
        return string.Create(CultureInfo.InvariantCulture, $"{Sum("settled"):0.00} settled, {Sum("billed"):0.00} billed, {Sum("drift"):0.00} drift");
    }

    /// <summary>fal's time is also the service's, so that both book on the same days.</summary>
    public sealed class DriftFixture : ProxyFixture
    {
        protected override SandboxOptions FalOptions => base.FalOptions with { Wall = FalClock };

        protected override IEnumerable<(string Name, string Value)> Settings =>
            [("Fal:PlatformUrl", new Uri(Fal.Url, "v1").AbsoluteUri), ("FAL_ADMIN_KEY", Fal.AdminKey)];
    }
}
