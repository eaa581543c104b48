using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Keys;

public sealed class RotateKeyTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    [Fact]
    public async Task Ends_the_old_secret_at_once_and_keeps_everything_else()
    {
        using var boss = proxy.Operator();
        var key = await New(boss);
        using var before = proxy.With(key.Text("key"));
        var job = await before.Create();

        var rotated = await boss.Call($"POST /v1/keys/{key.Text("id")}/rotate").Json();

        using var after = proxy.With(rotated.Text("key"));
        Assert.NotEqual(key.Text("key"), rotated.Text("key"));
        Assert.Equal((key.Text("id"), key.Text("name"), "5.00"), (rotated.Text("id"), rotated.Text("name"), rotated.Text("budget_total")));
        Assert.Equal(JsonValueKind.Null, rotated.GetProperty("former_until").ValueKind);
        await before.Call("GET /v1/jobs").Refused(401, "unauthorized");
        Assert.Equal(200, await after.Call($"GET /v1/jobs/{job.Text("id")}").Status()); // the same caller
    }

    [Fact]
    public async Task Lets_the_old_secret_work_for_as_long_as_was_asked()
    {
        using var boss = proxy.Operator();
        var key = await New(boss);
        using var before = proxy.With(key.Text("key"));

        var rotated = await boss.Call($"POST /v1/keys/{key.Text("id")}/rotate", Overlap(3600)).Json();

        using var after = proxy.With(rotated.Text("key"));
        Assert.NotEmpty(rotated.Text("former_until"));
        Assert.Equal((200, 200), (await before.Call("GET /v1/jobs").Status(), await after.Call("GET /v1/jobs").Status()));
        proxy.Clock.Advance(TimeSpan.FromMinutes(61));
        await before.Call("GET /v1/jobs").Refused(401, "unauthorized");
        Assert.Equal(200, await after.Call("GET /v1/jobs").Status());
    }

    [Fact]
    public async Task Ends_the_secret_before_the_last_one_in_any_case()
    {
        using var boss = proxy.Operator();
        var first = await New(boss);
        var second = await boss.Call($"POST /v1/keys/{first.Text("id")}/rotate", Overlap(3600)).Json();
        var third = await boss.Call($"POST /v1/keys/{first.Text("id")}/rotate", Overlap(3600)).Json();

        foreach (var (key, status) in new[] { (first, 401), (second, 200), (third, 200) })
        {
            using var caller = proxy.With(key.Text("key"));
            Assert.Equal(status, await caller.Call("GET /v1/jobs").Status());
        }
    }

    [Fact]
    public async Task A_revocation_ends_both_secrets()
    {
        using var boss = proxy.Operator();
        var key = await New(boss);
        var rotated = await boss.Call($"POST /v1/keys/{key.Text("id")}/rotate", Overlap(3600)).Json();
        using var before = proxy.With(key.Text("key"));
        using var after = proxy.With(rotated.Text("key"));

        await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status();

        await before.Call("GET /v1/jobs").Refused(401, "unauthorized");
        await after.Call("GET /v1/jobs").Refused(401, "unauthorized");
    }

    [Fact]
    public async Task Does_not_wake_the_dead()
    {
        using var boss = proxy.Operator();
        var (revoked, expired) = (await New(boss), await New(boss, proxy.Clock.GetUtcNow().AddHours(1)));
        await boss.Call($"DELETE /v1/keys/{revoked.Text("id")}").Status();
        proxy.Clock.Advance(TimeSpan.FromHours(2));

        await boss.Call($"POST /v1/keys/{revoked.Text("id")}/rotate").Refused(409, "key-ended");
        await boss.Call($"POST /v1/keys/{expired.Text("id")}/rotate").Refused(409, "key-ended");
        await boss.Call("POST /v1/keys/key_00000000000000000000000000000000/rotate").Refused(404, "key-not-found");
    }

    [Theory]
    [InlineData("""{"overlap_seconds": -1}""", "/overlap_seconds")]
    [InlineData("""{"overlap_seconds": 86401}""", "/overlap_seconds")]
    [InlineData("""{"overlap_seconds": 0.5}""", "/overlap_seconds")]
    [InlineData("""{"overlap_seconds": "60"}""", "/overlap_seconds")]
    [InlineData("""{"overlap": 60}""", "/overlap")]
    public async Task A_rotation_that_is_not_understood_rotates_nothing(string body, string field)
    {
        using var boss = proxy.Operator();
        var key = await New(boss);
        using var caller = proxy.With(key.Text("key"));

        var problem = await boss.Call($"POST /v1/keys/{key.Text("id")}/rotate", JsonNode.Parse(body)).Refused(422, "invalid-request");

        Assert.Equal([field], problem.Pointers());
        Assert.Equal(200, await caller.Call("GET /v1/jobs").Status());
    }

    [Fact]
    public async Task Every_act_of_an_operator_leaves_one_line_of_one_shape()
    {
        using var boss = proxy.Operator();
        var deputyKey = await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "deputy", ["scopes"] = new JsonArray("operator") }).Json();
        using var deputy = proxy.With(deputyKey.Text("key"));
        var key = await New(deputy);
        var id = key.Text("id");
        var rotated = await deputy.Call($"POST /v1/keys/{id}/rotate").Json();
        await deputy.Call($"DELETE /v1/keys/{id}").Status();

        var lines = proxy.Log.Lines.Where(line => line.Contains("Operator act by", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal)).ToList();

        Assert.Equal(3, lines.Count);
        foreach (var (line, act) in lines.Zip(["create-key", "rotate-key", "revoke-key"]))
            Assert.Contains($"Operator act by \"{deputyKey.Text("id")}\": \"{act}\" \"{id}\"", line, StringComparison.Ordinal);
        Assert.Contains(key.Text("hint"), lines[0], StringComparison.Ordinal);
        Assert.Contains(rotated.Text("hint"), lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(proxy.Log.Lines, line => line.Contains(rotated.Text("key"), StringComparison.Ordinal));
    }

    private static JsonObject Overlap(int seconds) => new() { ["overlap_seconds"] = seconds };

    private static async Task<JsonElement> New(HttpClient boss, DateTimeOffset? expires = null) => await boss.Call("POST /v1/keys", new JsonObject
    {
        ["name"] = $"rotated {Guid.NewGuid():N}",
        ["scopes"] = new JsonArray("jobs"),
        ["budget_total"] = "5",
        ["expires_at"] = expires?.ToString("yyyy-MM-dd'T'HH:mm:ssK", System.Globalization.CultureInfo.InvariantCulture),
    }).Json();
}
