using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Network;

/// <summary>What a browser is told about pages on other origins.</summary>
public sealed class CrossOriginTests(CrossOriginTests.CrossOriginFixture proxy) : IClassFixture<CrossOriginTests.CrossOriginFixture>
{
    private const string Listed = "https://app.example.com", Unlisted = "https://evil.example";

    private const string Asked = "authorization,content-type,idempotency-key,prefer,if-none-match,last-event-id,range,x-fal-target-url,x-fal-queue-priority";

    private static readonly (string Verb, string Path)[] FalsOwn = [("POST", "/api/fal/proxy"), ("PUT", "/api/fal/proxy"), ("POST", "/fal/queue/fal-ai/kling-video"), ("GET", "/fal/queue/x/requests/y/status")];

    public static TheoryData<string, string> Routes =>
        [.. Operation.All.Select(operation => (operation.Verb, operation.Path.Replace("{id}", "x", StringComparison.Ordinal))).Concat(FalsOwn)];

    public static TheoryData<string, int> Refusals => new()
    {
        { "GET /v1/jobs",                401 },
        { "GET /v1/nothing",             401 },
        { "GET /v1/jobs?signature=x",    401 },
        { "POST /v1/keys",               403 },
        { "GET /v1/jobs/x",              404 },
        { "POST /v1/jobs",               415 },
        { "PATCH /v1/jobs",              405 },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Every_route_answers_the_preflight_of_a_listed_page(string verb, string path)
    {
        using var browser = proxy.Anyone();

        using var reply = await Preflight(browser, path, verb, Listed);

        Assert.Equal((204, Listed), ((int)reply.StatusCode, Header(reply, "Access-Control-Allow-Origin")));
        Assert.Contains(verb, Header(reply, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal(Asked.Split(',').Order(), Header(reply, "Access-Control-Allow-Headers")!.Split(',').Order());
        Assert.Equal("3600", Header(reply, "Access-Control-Max-Age"));
        Assert.Null(Header(reply, "Access-Control-Allow-Credentials")); // no cookies, ever
    }

    [Theory]
    [InlineData("capacitor://localhost")]
    [InlineData("safari-web-extension://4A2B1C3D-0000-4000-8000-1234567890AB")]
    public async Task An_app_is_a_page_like_any_other(string origin)
    {
        using var app = await proxy.NewCaller();

        using var preflight = await Preflight(app, "/v1/jobs", "POST", origin);
        using var reply = await app.Call("GET /v1/jobs", null, ("Origin", origin));

        Assert.Equal((204, origin), ((int)preflight.StatusCode, Header(preflight, "Access-Control-Allow-Origin")));
        Assert.Equal((200, origin), ((int)reply.StatusCode, Header(reply, "Access-Control-Allow-Origin")));
    }

    [Theory]
    [InlineData(Unlisted)]
    [InlineData("capacitor://localhost:80")]
    [InlineData("ionic://localhost")]
    [InlineData("safari-web-extension://4a2b1c3d-0000-4000-8000-1234567890ab")]
    [InlineData("null")]
    [InlineData("https://app.example.com.evil.example")]
    [InlineData("http://app.example.com")]
    [InlineData("https://app.example.com:444")]
    public async Task Any_other_page_is_told_nothing(string origin)
    {
        using var browser = proxy.Anyone();
        using var caller = await proxy.NewCaller();

        using var preflight = await Preflight(browser, "/v1/jobs", "POST", origin);
        using var reply = await caller.Call("GET /v1/jobs", null, ("Origin", origin));

        foreach (var answer in new[] { preflight, reply })
            Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_listed_page_can_read_why_it_was_refused(string call, int status)
    {
        using var page = status is 401 ? proxy.Anyone() : await proxy.NewCaller();

        using var reply = await page.Call(call, null, ("Origin", Listed));

        Assert.Equal((status, Listed), ((int)reply.StatusCode, Header(reply, "Access-Control-Allow-Origin")));
        Assert.Contains("X-Request-Id", Header(reply, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_header_of_ours_is_exposed()
    {
        using var page = await proxy.NewCaller();
        var job = await proxy.End(page, (await page.Create()).Text("id"));
        string[] calls = ["GET /v1/models", "POST /v1/jobs", $"GET /v1/jobs/{job.Text("id")}", $"GET /v1/jobs/{job.Text("id")}/video", $"POST /v1/jobs/{job.Text("id")}/cancel", "GET /v1/keys"];
        string[] alwaysReadable = ["Cache-Control", "Content-Type", "Content-Length", "Content-Language", "Expires", "Last-Modified", "Pragma"];
        string[] notForScripts = ["Date", "Vary", "Transfer-Encoding", "X-Content-Type-Options", "Content-Security-Policy"];

        var exposed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var sent = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var call in calls)
        {
            using var reply = await page.Call(call, call.StartsWith("POST /v1/jobs", StringComparison.Ordinal) ? Given.Order() : null, ("Origin", Listed), ("Range", "bytes=0-9"), ("Idempotency-Key", "the-same"));
            exposed.UnionWith(Header(reply, "Access-Control-Expose-Headers")!.Split(','));
            sent.UnionWith(reply.Headers.Concat(reply.Content.Headers).Select(header => header.Key).Where(name => !name.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase)));
        }

        Assert.Empty(sent.Except(exposed, StringComparer.OrdinalIgnoreCase).Except(alwaysReadable.Concat(notForScripts), StringComparer.OrdinalIgnoreCase));
        Assert.Superset(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "Location", "ETag", "Retry-After", "Idempotent-Replayed", "RateLimit", "RateLimit-Policy", "Content-Range", "Accept-Ranges", "x-fal-request-id", "x-fal-billable-units" }, exposed);
    }

    [Fact]
    public async Task No_page_calls_what_only_fal_calls()
    {
        using var browser = proxy.Anyone();

        using var preflight = await Preflight(browser, "/webhooks/fal/a/b", "POST", Listed);
        using var reply = await browser.Call("POST /webhooks/fal/a/b", null, ("Origin", Listed));

        Assert.Null(Header(preflight, "Access-Control-Allow-Origin"));
        Assert.Null(Header(reply, "Access-Control-Allow-Origin"));
    }

    private static Task<HttpResponseMessage> Preflight(HttpClient browser, string path, string verb, string origin) => browser.Call(
        $"OPTIONS {path}", null, ("Origin", origin), ("Access-Control-Request-Method", verb), ("Access-Control-Request-Headers", Asked));

    private static string? Header(HttpResponseMessage reply, string name) => reply.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;

    public sealed class CrossOriginFixture : ProxyFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [("Access:Origins:0", Listed), ("Access:Origins:1", "http://localhost:5173"),
            ("Access:Origins:2", "capacitor://localhost"), ("Access:Origins:3", "safari-web-extension://4A2B1C3D-0000-4000-8000-1234567890AB")];
    }
}
