using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Budget;
using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Uploads;

namespace KlingProxy.Tests.Access;

/// <summary>A body may take minutes to arrive. What its caller came with counts when it is there, not when it began.</summary>
public sealed class EndedCredentialTests(BudgetWorld proxy) : IClassFixture<BudgetWorld>
{
    private const string Page = "https://app.example.com", Model = "fal-ai/kling-video/o3/4k/image-to-video";

    public static TheoryData<string, string> Ends => [.. from door in new[] { "POST /v1/jobs", $"POST /fal/queue/{Model}", $"POST /fal/run/{Model}" } from end in new[] { "revoked", "expired", "rotated away" } select (door, end)];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_key_that_ends_while_a_body_drips_in_buys_nothing(string door, string end)
    {
        var key = await proxy.KeyWith("jobs", ("expires_at", proxy.Clock.GetUtcNow().AddMinutes(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)));
        var order = Given.Order();
        await using var call = await DrippingCall.Begin(proxy, door, key.Text("key"), Bytes(door.Contains("/fal/", StringComparison.Ordinal) ? order["input"]! : order));

        await End(key, end);
        var (status, _, head) = await call.End();

        Assert.Equal(401, status);
        Assert.Contains("WWW-Authenticate: Bearer", head, StringComparison.OrdinalIgnoreCase);
        await NothingCameOf(order, key.Text("id"));
    }

    [Theory]
    [InlineData("revoked")]
    [InlineData("expired")]
    public async Task A_ticket_ends_with_the_key_that_minted_it(string end)
    {
        var key = await proxy.KeyWith("tickets", ("expires_at", proxy.Clock.GetUtcNow().AddMinutes(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)));
        var ticket = await Mint(key, 3600);
        var order = Given.Order();
        await using var call = await DrippingCall.Begin(proxy, "POST /v1/jobs", ticket, Bytes(order), headers: ("Origin", Page));

        await End(key, end);

        Assert.Equal((401, "unauthorized"), await call.End() is var answer ? (answer.Status, answer.Code) : default);
        await NothingCameOf(order, key.Text("id"));
    }

    [Fact]
    public async Task A_ticket_that_expires_while_a_body_drips_in_buys_nothing_and_one_whose_key_is_rotated_still_does()
    {
        var (late, rotated) = (await proxy.KeyWith("tickets"), await proxy.KeyWith("tickets"));
        var (never, still) = (Given.Order(), Given.Order());
        await using var one = await DrippingCall.Begin(proxy, "POST /v1/jobs", await Mint(late, 30), Bytes(never), headers: ("Origin", Page));
        await using var other = await DrippingCall.Begin(proxy, "POST /v1/jobs", await Mint(rotated, 3600), Bytes(still), headers: ("Origin", Page));

        proxy.Clock.Advance(TimeSpan.FromSeconds(31));
        await End(rotated, "rotated away");

        Assert.Equal((401, "unauthorized"), await one.End() is var answer ? (answer.Status, answer.Code) : default);
        Assert.Equal(202, (await other.End()).Status);
        await NothingCameOf(never, late.Text("id"));
        Assert.Equal(1, proxy.SubmitsOf(still));
    }

    [Theory]
    [InlineData("POST /v1/uploads", "image/png", "jobs")]
    [InlineData("POST /v1/tickets", "application/json", "tickets")]
    [InlineData("POST /v1/keys", "application/json", "operator")]
    [InlineData("POST /v1/jobs/job_00000000000000000000000000000000/resolve", "application/json", "operator")]
    public async Task It_gives_no_right_and_keeps_no_image_either(string door, string type, string scope)
    {
        var key = await proxy.KeyWith(scope);
        using var boss = proxy.Operator();
        var keys = (await boss.Call("GET /v1/keys").Json()).GetProperty("data").GetArrayLength();
        byte[] body = scope switch
        {
            "jobs" => Picture.Png(400, 400),
            "tickets" => Bytes(new JsonObject { ["max_cost"] = "2.10", ["origin"] = Page }),
            _ when door.EndsWith("resolve", StringComparison.Ordinal) => Bytes(new JsonObject { ["cost"] = "0" }),
            _ => Bytes(new JsonObject { ["name"] = "a successor", ["scopes"] = new JsonArray("operator") }),
        };
        await using var call = await DrippingCall.Begin(proxy, door, key.Text("key"), body, type);

        await End(key, "rotated away");

        Assert.Equal((401, "unauthorized"), await call.End() is var answer ? (answer.Status, answer.Code) : default);
        Assert.Equal(keys, (await boss.Call("GET /v1/keys").Json()).GetProperty("data").GetArrayLength());
        using var file = Books.Open(proxy.DatabaseFile);
        using var command = file.CreateCommand();
        command.CommandText = $"SELECT (SELECT COUNT(*) FROM uploads WHERE caller_id = '{key.Text("id")}') + (SELECT COUNT(*) FROM tickets WHERE key_id = '{key.Text("id")}')";
        Assert.Equal(0L, command.ExecuteScalar());
    }

    [Fact]
    public async Task An_upload_address_of_fals_door_ends_with_the_key_that_asked_for_it()
    {
        var key = await proxy.KeyWith("jobs");
        using var caller = proxy.With(key.Text("key"));
        using var anyone = proxy.Anyone();
        var place = await caller.Call("POST /api/fal/proxy", new JsonObject { ["content_type"] = "image/png", ["file_name"] = "a.png" }, ("x-fal-target-url", "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3")).Json();
        await End(key, "revoked");
        var puts = proxy.Fal.Counts.Puts;

        using var request = new HttpRequestMessage(HttpMethod.Put, place.Text("upload_url")) { Content = new ByteArrayContent(Picture.Png(400, 400)) };
        using var reply = await anyone.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((401, puts), ((int)reply.StatusCode, proxy.Fal.Counts.Puts));
    }

    private async Task End(JsonElement key, string how)
    {
        using var boss = proxy.Operator();
        switch (how)
        {
            case "revoked":
                Assert.Equal(204, await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status());
                break;
            case "expired":
                proxy.Clock.Advance(TimeSpan.FromMinutes(6));
                break;
            default:
                Assert.Equal(200, await boss.Call($"POST /v1/keys/{key.Text("id")}/rotate").Status());
                break;
        }
    }

    private async Task<string> Mint(JsonElement key, int life)
    {
        using var server = proxy.With(key.Text("key"));
        return (await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "2.10", ["origin"] = Page, ["expires_in"] = life }).Json()).Text("ticket");
    }

    // Neither at fal nor here.
    private async Task NothingCameOf(JsonNode order, string payer)
    {
        using var boss = proxy.Operator();
        Assert.Equal(0, proxy.SubmitsOf(order));
        Assert.Empty((await boss.Call($"GET /v1/ledger?caller={payer}&from=2026-01-01&to={proxy.Clock.GetUtcNow():yyyy-MM-dd}").Json()).GetProperty("data").EnumerateArray());
    }

    private static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString());
}

public sealed class EndedTokenTests(TokenWorld proxy) : IClassFixture<TokenWorld>
{
    [Fact]
    public async Task A_token_that_expires_while_a_body_drips_in_buys_nothing()
    {
        var (order, kept) = (Given.Order(), Given.Order());
        var token = proxy.Issuer.Published[0].Sign(proxy.Issuer.Claims(proxy.Clock.GetUtcNow())); // good for ten minutes, and a minute of skew
        await using var late = await DrippingCall.Begin(proxy, "POST /v1/jobs", token, Encoding.UTF8.GetBytes(order.ToJsonString()));
        await using var inTime = await DrippingCall.Begin(proxy, "POST /v1/jobs", token, Encoding.UTF8.GetBytes(kept.ToJsonString()));

        proxy.Clock.Advance(TimeSpan.FromMinutes(10.5));
        Assert.Equal(202, (await inTime.End()).Status);
        proxy.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((401, "unauthorized"), await late.End() is var answer ? (answer.Status, answer.Code) : default);
        Assert.Equal(0, proxy.SubmitsOf(order));
    }
}
