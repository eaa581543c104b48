using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Access.Network;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Spending;

namespace KlingProxy.Tests.Access.Tickets;

public sealed class TicketTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    private const string Page = "https://app.example.com";

    [Fact]
    public async Task Pays_for_one_job_and_opens_it()
    {
        var (server, ticket) = await Mint();
        using var browser = proxy.With(ticket);
        var job = await Order(browser).Json();
        var id = job.Text("id");

        Assert.Equal("completed", (await proxy.End(browser, id)).Text("status"));
        Assert.Equal(200, await browser.Call($"GET /v1/jobs/{id}/events", null, ("Accept", "application/json")).Status());
        Assert.Equal(200, await browser.Call($"GET /v1/jobs/{id}/video").Status());
        Assert.Equal([id], (await browser.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray().Select(listed => listed.Text("id")));

        // The server that pays sees what its pages made.
        Assert.Equal(id, (await server.Call($"GET /v1/jobs/{id}").Json()).Text("id"));
        Assert.Equal([id], (await server.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray().Select(listed => listed.Text("id")));
        Assert.Equal("held 0.00, spent 2.10, left 7.90", await server.Today());
    }

    [Fact]
    public async Task Is_good_for_one_job_however_many_are_asked_for_at_once()
    {
        var (_, ticket) = await Mint();
        using var browser = proxy.With(ticket);
        var orders = Enumerable.Range(0, 20).Select(_ => Given.Order()).ToList();

        var statuses = await Task.WhenAll(orders.Select(order => Order(browser, order).Status()));

        Assert.Equal((1, 19), (statuses.Count(status => status == 202), statuses.Count(status => status == 403)));
        Assert.Equal(1, orders.Sum(proxy.SubmitsOf));
        await Order(browser).Refused(403, "ticket-spent");
    }

    [Fact]
    public async Task The_same_request_again_is_the_same_job()
    {
        var (_, ticket) = await Mint();
        using var browser = proxy.With(ticket);
        var order = Given.Order();

        var first = await browser.Call("POST /v1/jobs", order, ("Origin", Page), ("Idempotency-Key", "one")).Json();
        var again = await browser.Call("POST /v1/jobs", order, ("Origin", Page), ("Idempotency-Key", "one")).Json();

        Assert.Equal(first.Text("id"), again.Text("id"));
    }

    [Theory]
    [InlineData("over its amount", 402, "max-cost-exceeded")]
    [InlineData("from another page", 403, "origin-refused")]
    [InlineData("from no page", 403, "origin-refused")]
    [InlineData("after its time", 401, "unauthorized")]
    [InlineData("with its key revoked", 401, "unauthorized")]
    [InlineData("beyond its key's budget", 402, "budget-exceeded")]
    [InlineData("altered", 401, "unauthorized")]
    public async Task Is_refused(string what, int status, string code)
    {
        var key = await proxy.KeyWith("tickets", ("budget_per_day", what == "beyond its key's budget" ? "2.00" : "10"));
        var (_, ticket) = await Mint(key, maxCost: what == "over its amount" ? "2.09" : "2.10");
        using var browser = proxy.With(what == "altered" ? ticket[..^1] + (ticket[^1] == '0' ? '1' : '0') : ticket);
        using var boss = proxy.Operator();
        if (what == "after its time")
            proxy.Clock.Advance(TimeSpan.FromMinutes(10));
        if (what == "with its key revoked")
            Assert.Equal(204, await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status());
        var order = Given.Order();

        (string, string)[] origin = what switch { "from another page" => [("Origin", "https://evil.example.com")], "from no page" => [], _ => [("Origin", Page)] };
        await browser.Call("POST /v1/jobs", order, origin).Refused(status, code);

        Assert.Equal(0, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task Opens_its_job_for_as_long_as_a_link_would_and_spends_nothing_more()
    {
        var (_, ticket) = await Mint();
        using var browser = proxy.With(ticket);
        var id = (await Order(browser).Json()).Text("id");

        proxy.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(200, await browser.Call($"GET /v1/jobs/{id}").Status());
        await Order(browser).Refused(403, "ticket-spent");
        proxy.Clock.Advance(TimeSpan.FromHours(24));
        await browser.Call($"GET /v1/jobs/{id}").Refused(401, "unauthorized");
    }

    [Fact]
    public async Task Is_given_back_when_fal_takes_no_job()
    {
        var (_, ticket) = await Mint();
        using var browser = proxy.With(ticket);
        await Order(browser, Given.OrderThat("rejects")).Refused(422, "model-rejected");

        Assert.Equal(202, await Order(browser).Status());
    }

    [Fact]
    public async Task Sees_nothing_that_another_ticket_of_the_same_key_made()
    {
        var key = await proxy.KeyWith("tickets");
        var (_, mine) = await Mint(key);
        var (_, yours) = await Mint(key);
        using var me = proxy.With(mine);
        using var you = proxy.With(yours);
        var id = (await Order(me).Json()).Text("id");

        await you.Call($"GET /v1/jobs/{id}").Refused(404, "job-not-found");
        await you.Call($"POST /v1/jobs/{id}/cancel", null, ("Origin", Page)).Refused(404, "job-not-found");
        Assert.Empty((await you.Call("GET /v1/jobs").Json()).GetProperty("data").EnumerateArray());
    }

    [Fact]
    public async Task Works_in_fals_own_clients()
    {
        var (_, ticket) = await Mint();
        using var browser = proxy.Anyone();
        var input = Given.Order()["input"]!.DeepClone();

        var reply = await browser.Call("POST /fal/queue/fal-ai/kling-video/o3/4k/image-to-video", input, ("Authorization", $"Key {ticket}"), ("Origin", Page)).Json();

        Assert.Equal(202, await browser.Call($"GET /fal/queue/fal-ai/kling-video/requests/{reply.Text("request_id")}/status", null, ("Authorization", $"Key {ticket}")).Status());
    }

    [Fact]
    public async Task Tells_what_it_may()
    {
        var (_, ticket) = await Mint(maxCost: "4.2");
        using var browser = proxy.With(ticket);

        var account = await browser.Call("GET /v1/account").Json();

        Assert.Equal(("4.20", "10.00"), (account.GetProperty("limits").Text("most_per_job"), account.GetProperty("budget").Text("left")));
        Assert.Equal(4, account.GetProperty("limits").GetProperty("open_streams").GetInt32());
        Assert.StartsWith("tkt_", account.Text("caller_id"), StringComparison.Ordinal);
        Assert.DoesNotContain(proxy.Log.Lines, line => line.Contains(ticket, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"origin": "https://app.example.com"}""", "/max_cost")]
    [InlineData("""{"max_cost": 2, "origin": "https://app.example.com"}""", "/max_cost")]
    [InlineData("""{"max_cost": "2.10"}""", "/origin")]
    [InlineData("""{"max_cost": "2.10", "origin": "https://app.example.com/path"}""", "/origin")]
    [InlineData("""{"max_cost": "2.10", "origin": "*"}""", "/origin")]
    [InlineData("""{"max_cost": "2.10", "origin": "https://app.example.com", "expires_in": 29}""", "/expires_in")]
    [InlineData("""{"max_cost": "2.10", "origin": "https://app.example.com", "expires_in": 86401}""", "/expires_in")]
    [InlineData("""{"max_cost": "2.10", "origin": "https://app.example.com", "amount": "1"}""", "/amount")]
    public async Task Is_minted_only_as_it_was_understood(string body, string field)
    {
        using var server = proxy.With((await proxy.KeyWith("tickets")).Text("key"));

        Assert.Equal([field], (await server.Call("POST /v1/tickets", JsonNode.Parse(body)).Refused(422, "invalid-request")).Pointers());
    }

    private async Task<(HttpClient Server, string Ticket)> Mint(JsonElement? key = null, string maxCost = "2.10")
    {
        var server = proxy.With((key ?? await proxy.KeyWith("tickets", ("scopes", new JsonArray("tickets", "jobs")), ("budget_per_day", "10"))).Text("key"));
        using var reply = await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = maxCost, ["origin"] = Page });
        Assert.Equal(201, (int)reply.StatusCode);
        return (server, (await reply.Json()).Text("ticket"));
    }

    private static Task<HttpResponseMessage> Order(HttpClient browser, JsonObject? order = null) => browser.Call("POST /v1/jobs", order ?? Given.Order(), ("Origin", Page));
}

/// <summary>The way of an app without sign-in: its server mints, its page spends, on another origin, in a real Chromium.</summary>
public sealed class TicketInBrowserTests(PagesFixture proxy) : IClassFixture<PagesFixture>
{
    [Fact]
    public async Task Makes_one_video_for_its_own_page_and_nothing_for_another()
    {
        using var server = await proxy.NewCaller("tickets");
        var ticket = (await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "2.10", ["origin"] = proxy.Listed[0] }).Json()).Text("ticket");

        var outcome = await EndToEnd.NodeScript.RunInBrowser(
            "browser/ticket.mjs", [proxy.Address.AbsoluteUri, ticket, proxy.Listed[0], proxy.Listed[1], EndToEnd.Repository.Still], TestContext.Current.CancellationToken);

        Assert.Contains("\"cost\":\"2.10\"", outcome, StringComparison.Ordinal);
        Assert.Equal(1, proxy.Fal.Counts.Submits);
    }
}
