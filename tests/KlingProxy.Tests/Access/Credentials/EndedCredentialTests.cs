using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Access.Limits;
using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Spending;
using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.Access.Credentials;

/// <summary>A body may take minutes to arrive. What its caller came with counts when it is there, not when it began.</summary>
public sealed class EndedCredentialTests(BudgetFixture proxy) : IClassFixture<BudgetFixture>
{
    private const string Page = "https://app.example.com", Model = "fal-ai/kling-video/o3/4k/image-to-video";

    public static TheoryData<string, string> Ends => [.. from door in new[] { "POST /v1/jobs", $"POST /fal/queue/{Model}", $"POST /fal/run/{Model}" } from end in new[] { "revoked", "expired", "rotated away" } select (door, end)];

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task A_key_that_ends_while_a_body_drips_in_buys_nothing(string door, string end)
    {
        var key = await proxy.KeyWith("jobs", ("expires_at", proxy.Clock.GetUtcNow().AddSeconds(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)));
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
        var key = await proxy.KeyWith("tickets", ("expires_at", proxy.Clock.GetUtcNow().AddSeconds(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)));
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
        await using var one = await DrippingCall.Begin(proxy, "POST /v1/jobs", await Mint(late, 30), Long(never), headers: ("Origin", Page));
        await using var other = await DrippingCall.Begin(proxy, "POST /v1/jobs", await Mint(rotated, 3600), Long(still), headers: ("Origin", Page));

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
    [InlineData("PATCH /v1/keys/key_00000000000000000000000000000000", "application/merge-patch+json", "operator")]
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
        using var file = LedgerOf.Open(proxy.DatabaseFile);
        using var command = file.CreateCommand();
        command.CommandText = $"SELECT (SELECT COUNT(*) FROM uploads WHERE caller_id = '{key.Text("id")}') + (SELECT COUNT(*) FROM tickets WHERE key_id = '{key.Text("id")}')";
        Assert.Equal(0L, command.ExecuteScalar());
    }

    /// <summary>Before the bytes are sent, and while they come.</summary>
    [Theory]
    [InlineData("revoked", false)]
    [InlineData("revoked", true)]
    [InlineData("rotated away", false)]
    [InlineData("rotated away", true)]
    [InlineData("expired", false)]
    [InlineData("expired", true)]
    public async Task An_upload_address_of_fals_door_ends_with_the_secret_that_asked_for_it(string end, bool isOnItsWay)
    {
        var key = await proxy.KeyWith("jobs", ("expires_at", proxy.Clock.GetUtcNow().AddSeconds(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)));
        var puts = proxy.Fal.Counts.Puts;
        var place = await UploadPlace.Of(proxy, key.Text("key"));

        if (!isOnItsWay)
            await End(key, end);
        await using var call = await DrippingCall.Begin(proxy, $"PUT {place}", null, Picture.Png(400, 400), "image/png");
        if (isOnItsWay)
            await End(key, end);

        Assert.Equal((401, puts), ((await call.End()).Status, proxy.Fal.Counts.Puts));
    }

    [Fact]
    public async Task An_upload_address_of_a_key_that_was_rotated_with_an_overlap_lasts_as_long_as_that()
    {
        var key = await proxy.KeyWith("jobs");
        using var boss = proxy.Operator();
        var (early, late) = (await UploadPlace.Of(proxy, key.Text("key")), await UploadPlace.Of(proxy, key.Text("key")));
        Assert.Equal(200, await boss.Call($"POST /v1/keys/{key.Text("id")}/rotate", new JsonObject { ["overlap_seconds"] = 60 }).Status());

        await using (var call = await DrippingCall.Begin(proxy, $"PUT {early}", null, Picture.Png(400, 401), "image/png"))
            Assert.Equal(200, (await call.End()).Status);
        proxy.Clock.Advance(TimeSpan.FromSeconds(61));
        await using (var call = await DrippingCall.Begin(proxy, $"PUT {late}", null, Picture.Png(400, 402), "image/png"))
            Assert.Equal(401, (await call.End()).Status);
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
                proxy.Clock.Advance(TimeSpan.FromSeconds(6));
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

    // So long that it may take minutes.
    private static byte[] Long(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString().PadLeft(100_000));

    private static byte[] Bytes(JsonNode json) => Encoding.UTF8.GetBytes(json.ToJsonString());
}

public sealed class EndedTokenTests(AppTokenFixture proxy) : IClassFixture<AppTokenFixture>
{
    [Fact]
    public async Task A_token_that_expires_while_a_body_drips_in_buys_nothing()
    {
        var (order, kept) = (Given.Order(), Given.Order());
        var token = Expiring();
        await using var late = await DrippingCall.Begin(proxy, "POST /v1/jobs", token, Encoding.UTF8.GetBytes(order.ToJsonString()));
        await using var inTime = await DrippingCall.Begin(proxy, "POST /v1/jobs", token, Encoding.UTF8.GetBytes(kept.ToJsonString()));

        proxy.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(202, (await inTime.End()).Status);
        proxy.Clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal((401, "unauthorized"), await late.End() is var answer ? (answer.Status, answer.Code) : default);
        Assert.Equal(0, proxy.SubmitsOf(order));
    }

    [Fact]
    public async Task A_token_that_expires_while_its_upload_drips_in_at_fals_door_stores_nothing()
    {
        var token = Expiring();
        var puts = proxy.Fal.Counts.Puts;
        await using var late = await DrippingCall.Begin(proxy, $"PUT {await UploadPlace.Of(proxy, token)}", null, Picture.Png(400, 400), "image/png");
        await using var inTime = await DrippingCall.Begin(proxy, $"PUT {await UploadPlace.Of(proxy, token)}", null, Picture.Png(400, 401), "image/png");

        proxy.Clock.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(200, (await inTime.End()).Status);
        proxy.Clock.Advance(TimeSpan.FromSeconds(4));

        Assert.Equal((401, puts + 1), ((await late.End()).Status, proxy.Fal.Counts.Puts));
    }

    // Good for six seconds more: ten minutes, and a minute of skew.
    private string Expiring() => proxy.Issuer.Published[0].Sign(proxy.Issuer.Claims(proxy.Clock.GetUtcNow() - TimeSpan.FromSeconds(11 * 60 - 6)));
}

/// <summary>The address for the bytes of an upload, as fal's clients ask for one.</summary>
internal static class UploadPlace
{
    public static async Task<string> Of(ProxyFixture proxy, string secret)
    {
        using var caller = proxy.With(secret);
        var place = await caller.Call("POST /api/fal/proxy", new JsonObject { ["content_type"] = "image/png", ["file_name"] = "a.png" }, Tests.FalCompat.FalCalls.Target(Tests.FalCompat.FalCalls.StorageTarget)).Json();
        return new Uri(place.Text("upload_url")).PathAndQuery;
    }
}
