using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access;

/// <summary>Every operation of the API, with every wrong credential: one text for all that came and were wrong, and nothing behind it is reached.</summary>
public sealed class EveryOperationTests(TimedFixture proxy) : IClassFixture<TimedFixture>
{
    private static readonly string[] WrongCredentials =
        [
            "a wrong key", "a wrong key in fal's own form", "an expired key", "a revoked key", "a rotated key", "a token that nobody expects", "fal's key", "a bad link", "an expired link",
            "a wrong ticket", "an expired ticket", "a ticket of a revoked key",
        ];

    private readonly Dictionary<string, string> secrets = [];

    public static TheoryData<string, string> Wrong =>
    [
        .. from operation in Operation.All
           from credential in WrongCredentials
           select (operation.Name, credential),
    ];

    public static TheoryData<string> All => [.. Operation.All.Select(operation => operation.Name)];

    public static TheoryData<string> Readable => [.. Operation.All.Where(operation => operation.Verb == "GET").Select(operation => operation.Name)];

    public static TheoryData<string, string> UnderScoped =>
    [
        .. from operation in Operation.All
           where operation.Scopes.Count > 0
           from scope in new[] { "jobs", "tickets", "operator" }
           where !operation.Scopes.Contains(scope)
           select (operation.Name, scope),
    ];

    /// <summary>Of a caller's own. What belongs to the deployment, every operator may see.</summary>
    public static TheoryData<string> OneObject => [.. Operation.All.Where(operation => operation.IsAboutOneObject && operation.Scopes is not ["operator"]).Select(operation => operation.Name)];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Refuses_a_wrong_credential_and_never_says_what_of_it_was_right(string operation, string credential)
    {
        using var anyone = proxy.Anyone();
        var call = Operation.Of(operation).About("x");
        var isLink = credential.EndsWith("link", StringComparison.Ordinal);

        var unknown = isLink
            ? await anyone.Call($"{call}?expires=99999999999&signature={new string('1', 32)}").Essence()
            : await anyone.Call(call, null, ("Authorization", "Bearer never-heard-of")).Essence();
        var wrong = credential switch
        {
            "a bad link" => await anyone.Call($"{call}?expires=99999999999&signature={new string('0', 32)}").Essence(),
            "an expired link" => await anyone.Call($"{call}?expires=1&signature={new string('0', 32)}").Essence(),
            _ => await anyone.Call(call, null, ("Authorization", await Authorization(credential))).Essence(),
        };

        Assert.StartsWith("401", wrong, StringComparison.Ordinal);
        Assert.Equal(unknown, wrong);
        if (!operation.StartsWith("HEAD", StringComparison.Ordinal))
            Assert.Contains("\"code\":\"unauthorized\"", wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "No credential came")]
    [InlineData("Authorization: Basic eDp5", "", "neither of the two forms")]
    [InlineData("Authorization: kp_0000", "", "neither of the two forms")]
    [InlineData("Authorization: Bearer kp_0", "", "A credential came, and it is wrong, expired or revoked")]
    [InlineData("Authorization: Key any:key", "", "A credential came, and it is wrong, expired or revoked")]
    [InlineData("", "?expires=1&signature=0", "The link's signature is not of this path, or the link has expired")]
    public async Task Says_whether_a_credential_came_at_all(string header, string query, string says)
    {
        using var anyone = proxy.Anyone();

        var problem = await anyone.Call($"GET /v1/jobs{query}", null, header.Split(": ") is [var name, var value] ? [(name, value)] : []).Refused(401, "unauthorized");

        Assert.Contains(says, problem.Text("detail"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(UnderScoped))]
    public async Task Refuses_a_credential_for_something_else(string operation, string scope)
    {
        using var caller = await proxy.NewCaller(scope);

        using var reply = await caller.Call(Operation.Of(operation).About("x"));

        Assert.Equal(403, (int)reply.StatusCode);
        if (!operation.StartsWith("HEAD", StringComparison.Ordinal) && await reply.Json() is var problem)
        {
            var missing = Operation.Of(operation).Scopes[0]; // the one of callers, where operators may too
            Assert.Equal(("forbidden", missing), (problem.Text("code"), problem.Text("scope")));
            Assert.Contains($"needs the scope {missing}; the credential has {scope}.", problem.Text("detail"), StringComparison.Ordinal);
        }
        Assert.DoesNotContain(proxy.Log.Lines, line => line.Contains("was forbidden", StringComparison.Ordinal)); // no news to an operator
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public async Task Repeats_no_parameter_that_is_longer_than_any_name(int length, bool repeated)
    {
        using var caller = await proxy.NewCaller();
        var name = new string('x', length);

        var detail = (await caller.Call($"GET /v1/jobs?{name}=1").Refused(400, "unknown-parameter")).Text("detail");

        Assert.Equal(repeated, detail.Contains($"'{name}'", StringComparison.Ordinal));
        Assert.Contains("it takes status, ", detail, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Refuses_a_query_parameter_that_it_does_not_take(string name)
    {
        using var caller = await proxy.NewCaller("jobs", "tickets", "operator");
        var call = $"{Operation.Of(name).About("x")}?nonsense=1";

        if (name.StartsWith("HEAD", StringComparison.Ordinal))
            Assert.Equal(400, await caller.Call(call).Status());
        else
            Assert.Contains("'nonsense'", (await caller.Call(call).Refused(400, "unknown-parameter")).Text("detail"), StringComparison.Ordinal);
    }

    /// <summary>Also of streams, which end with their headers.</summary>
    [Theory]
    [MemberData(nameof(Readable))]
    public async Task Answers_HEAD_as_GET_without_the_body(string name)
    {
        using var caller = await proxy.NewCaller("jobs", "tickets", "operator");
        var path = Operation.Of(name).Path.Replace("{id}", name.Contains("/jobs/", StringComparison.Ordinal) ? await QueuedJob(caller) : "x", StringComparison.Ordinal);

        using var head = await caller.Call($"HEAD {path}");
        using var get = await caller.Call($"GET {path}");

        Assert.Equal((get.StatusCode, get.Content.Headers.ContentType), (head.StatusCode, head.Content.Headers.ContentType));
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A cache may not hand one page the answer that was another's.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public async Task Varies_by_origin(string name)
    {
        using var anyone = proxy.Anyone();

        using var reply = await anyone.Call(Operation.Of(name).About("x"));

        Assert.Contains("Origin", reply.Headers.Vary);
    }

    [Theory]
    [MemberData(nameof(OneObject))]
    public async Task Hides_somebody_elses_object_as_if_it_were_missing(string name)
    {
        var operation = Operation.Of(name);
        using var owner = await proxy.NewCaller();
        using var stranger = await proxy.NewCaller();
        var (theirs, nobodys) = operation.Path.Split('/')[2] switch
        {
            "jobs" => ((await owner.Create()).Text("id"), "job_00000000000000000000000000000000"),
            "uploads" => (await Upload(owner), "upl_00000000000000000000000000000000"),
            var other => throw new NotSupportedException($"How is one of {other} made?"),
        };

        var foreign = await stranger.Call(operation.About(theirs)).Essence();

        Assert.StartsWith("404", foreign, StringComparison.Ordinal);
        Assert.Equal(await stranger.Call(operation.About(nobodys)).Essence(), foreign);
        Assert.Equal(200, await owner.Call($"GET /v1/{operation.Path.Split('/')[2]}/{theirs}").Status()); // and nothing happened to it
    }

    private static async Task<string> QueuedJob(HttpClient caller)
    {
        var id = (await caller.Create()).Text("id");
        await caller.Reaches(id, "queued");
        return id;
    }

    private async Task<string> Authorization(string credential)
    {
        if (!secrets.TryGetValue(credential, out var secret))
            secrets[credential] = secret = await Make(credential);
        return secret;
    }

    private async Task<string> Make(string credential)
    {
        switch (credential)
        {
            case "a wrong key":
                return $"Bearer kp_{new string('0', 48)}";
            case "a wrong key in fal's own form":
                return $"Key kp_{new string('0', 48)}";
            case "a token that nobody expects":
                return "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.AAAA";
            case "fal's key":
                return $"Key {ProxyFixture.CanaryKey}";
            case "a wrong ticket":
                return $"Bearer kt_{new string('0', 48)}";
        }

        using var boss = proxy.Operator();
        var wanted = new JsonObject { ["name"] = credential, ["scopes"] = new JsonArray("jobs", "tickets", "operator") };
        if (credential == "an expired key")
            wanted["expires_at"] = proxy.Clock.GetUtcNow().AddSeconds(5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var key = await boss.Call("POST /v1/keys", wanted).Json();
        var ticket = credential.Contains("ticket", StringComparison.Ordinal) ? await Mint(key) : null;
        switch (credential)
        {
            case "an expired key":
                proxy.Clock.Advance(TimeSpan.FromSeconds(6));
                break;
            case "an expired ticket":
                proxy.Clock.Advance(TimeSpan.FromSeconds(31));
                break;
            case "a revoked key" or "a ticket of a revoked key":
                Assert.Equal(204, await boss.Call($"DELETE /v1/keys/{key.Text("id")}").Status());
                break;
            case "a rotated key":
                Assert.Equal(200, await boss.Call($"POST /v1/keys/{key.Text("id")}/rotate").Status());
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(credential));
        }
        return $"Bearer {ticket ?? key.Text("key")}";
    }

    private async Task<string> Mint(JsonElement key)
    {
        using var server = proxy.With(key.Text("key"));
        return (await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "2.10", ["origin"] = "https://app.example.com", ["expires_in"] = 30 }).Json()).Text("ticket");
    }

    private static async Task<string> Upload(HttpClient owner)
    {
        using var image = new ByteArrayContent(await File.ReadAllBytesAsync(EndToEnd.Repository.Still)) { Headers = { ContentType = new("image/jpeg") } };
        using var reply = await owner.PostAsync("/v1/uploads", image);
        return (await reply.Json()).Text("id");
    }
}
