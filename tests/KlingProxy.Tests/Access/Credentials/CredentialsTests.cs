using System.Text.Json.Nodes;

using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Credentials;

public sealed class CredentialsTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    private const string Job = "/v1/jobs/job_00000000000000000000000000000000";

    public static TheoryData<string, string, string, int> Scopes => new()
    {
        // scope      call                  body   status
        { "jobs",     "GET /v1/models",     "",    200 },
        { "jobs",     "GET /v1/jobs",       "",    200 },
        { "jobs",     $"GET {Job}",         "",    404 },
        { "jobs",     "GET /v1/keys",       "",    403 },
        { "jobs",     "POST /v1/keys",      "{}",  403 },
        { "jobs",     "DELETE /v1/keys/x",  "",    403 },
        { "operator", "GET /v1/keys",       "",    200 },
        { "operator", "GET /v1/models",     "",    403 },
        { "operator", "GET /v1/jobs",       "",    200 },
        { "operator", "POST /v1/jobs",      "{}",  403 },
        { "operator", "POST /v1/quotes",    "{}",  403 },
        { "operator", $"GET {Job}",         "",    404 },
        { "operator", $"DELETE {Job}",      "",    403 },
        { "operator", $"POST {Job}/cancel", "",    403 },
        { "operator", $"GET {Job}/events",  "",    403 },
        { "operator", $"GET {Job}/video",   "",    403 },
        { "tickets",  "GET /v1/models",     "",    403 },
        { "tickets",  "GET /v1/jobs",       "",    403 },
        { "tickets",  "POST /v1/jobs",      "{}",  403 },
        { "tickets",  "GET /v1/keys",       "",    403 },
    };

    public static TheoryData<string> Failures =>
    [
        "none", "no scheme", "an empty one", "a space", "Basic", "an unknown key", "an unknown key of the right length", "a key cut short", "a key cut short in fal's own form",
        "a key in capitals", "a key and more", "two headers", "a revoked key", "an expired key", "the operator's key cut short", "fal's key", "fal's key in fal's own form", "a token that nobody expects", "not ASCII", "10000 letters",
    ];

    [Theory]
    [MemberData(nameof(Scopes))]
    public async Task Opens_what_the_scope_is_for(string scope, string call, string body, int status)
    {
        using var caller = await proxy.NewCaller(scope);

        if (status == 403)
            await caller.Call(call, body == "" ? null : JsonNode.Parse(body)).Refused(403, "forbidden");
        else
            Assert.Equal(status, await caller.Call(call).Status());
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Every_wrong_credential_gets_the_answer_of_one_never_heard_of(string failure)
    {
        using var anyone = proxy.Anyone();
        var key = await proxy.NewKey();
        string[] authorization = failure switch
        {
            "none" => [],
            "no scheme" => [key],
            "an empty one" => ["Bearer"],
            "a space" => ["Bearer  "],
            "Basic" => [$"Basic {Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(key))}"],
            "a key cut short in fal's own form" => [$"Key {key[..^1]}"],
            "an unknown key" => ["Bearer kp_0"],
            "an unknown key of the right length" => [$"Bearer kp_{new string('0', 48)}"],
            "a key cut short" => [$"Bearer {key[..^1]}"],
            "a key in capitals" => [$"Bearer {key[..3]}{key[3..].ToUpperInvariant()}"], // all but its prefix, or it would not even be taken for a key
            "a key and more" => [$"Bearer {key} x"],
            "two headers" => [$"Bearer {key}", $"Bearer {key}"],
            "a revoked key" => [$"Bearer {await Revoked()}"],
            "an expired key" => [$"Bearer {await Expired()}"],
            "the operator's key cut short" => [$"Bearer {ProxyFixture.OperatorKey[..^1]}"],
            "fal's key" => [$"Bearer {ProxyFixture.CanaryKey}"],
            "fal's key in fal's own form" => [$"Key {ProxyFixture.CanaryKey}"],
            "a token that nobody expects" => ["Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9."],
            "not ASCII" => ["Bearer kp_\u00fc"],
            "10000 letters" => [$"Bearer {new string('x', 10_000)}"],
            _ => throw new ArgumentOutOfRangeException(nameof(failure)),
        };

        var wrong = await anyone.Call("GET /v1/jobs", null, [.. authorization.Select(value => ("Authorization", value))]).Essence();
        string[] unknown = failure switch // in the same form, with nothing right in it
        {
            "none" => [],
            "two headers" => ["Bearer x", "Bearer y"],
            "no scheme" or "an empty one" or "a space" or "Basic" => ["Basic eDp5"],
            _ => ["Bearer never-heard-of"],
        };
        var never = await anyone.Call("GET /v1/jobs", null, [.. unknown.Select(value => ("Authorization", value))]).Essence();

        Assert.StartsWith("401", wrong, StringComparison.Ordinal);
        Assert.Equal(never, wrong);
    }

    [Theory]
    [InlineData("bearer")]
    [InlineData("BEARER")]
    [InlineData("Key")] // fal's own form
    [InlineData("key")]
    public async Task The_scheme_is_ours_or_fals_and_has_no_case(string scheme)
    {
        using var anyone = proxy.Anyone();

        Assert.Equal(200, await anyone.Call("GET /v1/jobs", null, ("Authorization", $"{scheme} {await proxy.NewKey()}")).Status());
    }

    [Theory]
    [InlineData("access_token")]
    [InlineData("key")]
    [InlineData("api_key")]
    [InlineData("authorization")]
    public async Task A_key_in_the_query_opens_nothing(string name)
    {
        using var anyone = proxy.Anyone();

        await anyone.Call($"GET /v1/jobs?{name}={await proxy.NewKey()}").Refused(401, "unauthorized");
    }

    [Fact]
    public async Task Nobody_learns_without_a_credential_which_routes_there_are()
    {
        using var anyone = proxy.Anyone();

        foreach (var call in new[] { "GET /v1/nothing", "GET /v1/jobs", "PUT /v1/jobs", "POST /v1/keys", $"GET {Job}", "GET /v1" })
            await anyone.Call(call).Refused(401, "unauthorized");
    }

    private async Task<string> Revoked()
    {
        using var boss = proxy.Operator();
        var key = await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray("jobs") }).Json();
        await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status();
        return key.Text("key");
    }

    private async Task<string> Expired()
    {
        using var boss = proxy.Operator();
        var expires = proxy.Clock.GetUtcNow().AddSeconds(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var key = await boss.Call("POST /v1/keys", new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray("jobs"), ["expires_at"] = expires }).Json();
        proxy.Clock.Advance(TimeSpan.FromSeconds(6));
        return key.Text("key");
    }
}
