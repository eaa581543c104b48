using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Fal;

/// <summary>An upstream that says our key wherever a reply has room for it. Nothing of it is kept, shown or logged, and the job goes on.</summary>
public sealed class EchoedKeyTests(EchoedKeyTests.EchoedKeyFixture proxy) : IClassFixture<EchoedKeyTests.EchoedKeyFixture>
{
    private const string Queued = """{"status":"IN_QUEUE","queue_position":0}""", Completed = """{"status":"COMPLETED","logs":null}""";

    private static readonly string Everywhere =
        $$"""{"detail":[{"loc":["body","{{Echo.Text}}",1],"msg":"{{Echo.Text}}","type":"{{Echo.Word}}","url":"https://docs.fal.ai/{{Echo.Word}}","ctx":{"{{Echo.Word}}":"{{Echo.Word}}"},"categories":["{{Echo.Word}}"],"input":"{{Echo.Text}}"}],"{{Echo.Text}}":1}""";

    private static readonly string Headers = string.Concat(
        from name in new[] { "x-fal-error-type", "x-fal-billable-units", "x-fal-request-timeout-type", "x-echo", $"x-{Echo.Word}" }
        select $"{name}: {Echo.Word}\r\n");

    public static TheoryData<string, string> Positions => new()
    {
        // where                     how the job stands then
        { "refused submit",          "failed" },
        { "refused submit, a text",  "failed" },
        { "submit",                  "completed" },
        { "request id",              "unconfirmed" },
        { "not now, with a request", "unconfirmed" },
        { "status",                  "completed" },
        { "stream",                  "completed" },
        { "result",                  "completed" },
        { "address of the video",    "completed" },
        { "refused result",          "failed" },
        { "crashed result",          "failed" },
        { "cancel",                  "completed" },
    };

    [Theory]
    [MemberData(nameof(Positions))]
    public async Task Nothing_that_fal_says_of_a_job_says_our_key(string where, string status)
    {
        using var caller = await proxy.NewCaller();
        var request = $"r-{Guid.NewGuid():N}";
        proxy.Upstream.AnswerPost = _ => where switch
        {
            "refused submit" => RawUpstream.Json(422, Everywhere, headers: Headers),
            "refused submit, a text" => RawUpstream.Json(400, $$"""{"detail":"{{Echo.Text}}","error_type":"{{Echo.Word}}"}""", headers: Headers),
            "request id" => RawUpstream.Json(200, $$"""{"request_id":"{{Echo.Word}}"}"""),
            "not now, with a request" => RawUpstream.Json(503, "{}", headers: $"x-fal-request-id: {Echo.Word}\r\n"),
            "submit" => RawUpstream.Json(200, $$"""{"request_id":"{{request}}","status":"{{Echo.Text}}","response_url":"https://{{Echo.Word}}/","{{Echo.Word}}":"{{Echo.Text}}","queue_position":0}""", headers: Headers),
            _ => RawUpstream.Json(200, $$"""{"request_id":"{{request}}","queue_position":0}"""),
        };
        proxy.Upstream.Answer = path => Answer(where, path);

        var created = await caller.Call("POST /v1/jobs", Given.Order()).Whole();
        var id = (await caller.Call("GET /v1/jobs?limit=1").Json()).GetProperty("data")[0].Text("id");
        if (where == "cancel")
            await caller.Call($"POST /v1/jobs/{id}/cancel").Whole();
        await proxy.Until(async () => (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status") == status);

        foreach (var call in new[] { $"GET /v1/jobs/{id}", "GET /v1/jobs", $"GET /fal/queue/{FalCalls.App}/requests/{id}", $"GET /fal/queue/{FalCalls.App}/requests/{id}/status?logs=1" })
            Echo.AssertNone($"{where}, {call}", await caller.Call(call).Whole());
        Echo.AssertNone($"{where}, events", await caller.Call($"GET /v1/jobs/{id}/events", null, ("Accept", "application/json")).Whole());
        Echo.AssertNone($"{where}, create", created);
        if (status != "unconfirmed")
            Echo.AssertNone($"{where}, stream", await caller.Call($"GET /fal/queue/{FalCalls.App}/requests/{id}/status/stream?logs=1").Whole());
        AssertNothingWasKept(where);
    }

    [Fact]
    public async Task Nor_a_media_host()
    {
        using var caller = await proxy.NewCaller();
        proxy.Upstream.AnswerPost = _ => RawUpstream.Json(200, $$"""{"request_id":"r-{{Guid.NewGuid():N}}"}""");
        proxy.Upstream.Answer = path => path.StartsWith("/media", StringComparison.Ordinal)
            ? $"HTTP/1.1 206 {Echo.Word}\r\nContent-Type: video/{Echo.Word}\r\nContent-Range: {Echo.Word} 0-3/4\r\nETag: \"{Echo.Word}\"\r\nLast-Modified: {Echo.Word}\r\nX-Echo: {Echo.Word}\r\nContent-Length: 4\r\n\r\nfilm"
            : Answer("", path);
        var id = (await caller.Create()).Text("id");
        await proxy.Until(async () => (await caller.Call($"GET /v1/jobs/{id}").Json()).Text("status") == "completed");

        Echo.AssertNone("video", await caller.Call($"GET /v1/jobs/{id}/video", null, ("Range", "bytes=0-3")).Whole());
        AssertNothingWasKept("video");
    }

    [Theory]
    [InlineData("upload_url")]
    [InlineData("file_url")]
    [InlineData("neither")]
    public async Task Nor_storage(string where)
    {
        using var caller = await proxy.NewCaller();
        string Url(string name) => $"{proxy.Upstream.Url}/{(where == name ? Echo.Word : "put")}";
        proxy.Upstream.AnswerPost = _ => RawUpstream.Json(200, $$"""{"upload_url":"{{Url("upload_url")}}","file_url":"{{Url("file_url")}}","{{Echo.Word}}":"{{Echo.Text}}"}""", headers: Headers);
        proxy.Upstream.Answer = _ => RawUpstream.Json(where == "neither" ? 400 : 200, Everywhere, headers: Headers);

        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(EndToEnd.Repository.Still, TestContext.Current.CancellationToken)) { Headers = { ContentType = new("image/jpeg") } };
        using var reply = await caller.PostAsync("/v1/uploads", content, TestContext.Current.CancellationToken);

        Assert.Equal(503, (int)reply.StatusCode);
        Echo.AssertNone(where, await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        AssertNothingWasKept(where);
    }

    [Fact]
    public async Task Nor_a_bill()
    {
        using var someone = proxy.Operator();
        proxy.Upstream.Answer = _ => RawUpstream.Json(200, $$"""
            {"time_series":[{"bucket":"2026-08-01T00:00:00Z","results":[{"endpoint_id":"{{Echo.Word}}","cost":1},{"endpoint_id":"{{FalCalls.Model}}","cost":1.5,"currency":"{{Echo.Text}}"}]}],"next_cursor":null}
            """, headers: Headers);

        var drift = await someone.Call("GET /v1/usage/drift?from=2026-08-01&to=2026-08-02").Whole();

        Assert.Contains("1.50", drift, StringComparison.Ordinal);
        Echo.AssertNone("drift", drift);
        AssertNothingWasKept("drift");
    }

    private string Answer(string where, string path) => path switch
    {
        _ when path.Contains("/status/stream", StringComparison.Ordinal) => where == "stream" ? Stream() : RawUpstream.Json(404, "{}"),
        _ when path.Contains("/status", StringComparison.Ordinal) => where switch
        {
            "stream" => RawUpstream.Json(202, Queued),
            "status" => RawUpstream.Json(200, Status("COMPLETED"), headers: Headers),
            _ => RawUpstream.Json(200, Completed),
        },
        _ when path.EndsWith("/cancel", StringComparison.Ordinal) => RawUpstream.Json(400, $$"""{"status":"{{Echo.Text}}","detail":"{{Echo.Text}}"}""", headers: Headers),
        _ => where switch
        {
            "result" => RawUpstream.Json(200, $$"""{"video":{"url":"{{Media}}","content_type":"video/{{Echo.Word}}","file_name":"{{Echo.Text}}","file_size":4},"{{Echo.Word}}":"{{Echo.Text}}"}""", headers: Headers),
            "address of the video" => RawUpstream.Json(200, $$$"""{"video":{"url":"{{{Media}}}?{{{Echo.Word}}}=%63anary-4f1d7c"}}"""),
            "refused result" => RawUpstream.Json(422, Everywhere, headers: Headers),
            "crashed result" => RawUpstream.Json(500, $$"""{"detail":"{{Echo.Text}}","error_type":"runner_disconnected"}""", headers: Headers),
            _ => RawUpstream.Json(200, $$$"""{"video":{"url":"{{{Media}}}"}}""", headers: "x-fal-billable-units: 5\r\n"),
        },
    };

    private string Media => $"{proxy.Upstream.Url}/media/output.mp4";

    private static string Stream() =>
        $"HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\n{Headers}\r\n: {Echo.Word}\n\ndata: {Status(Echo.Word)}\n\ndata: {Status("IN_PROGRESS")}\n\n{Echo.Text}\n\ndata: {Status("COMPLETED")}\n\n";

    private static string Status(string word) =>
        $$"""{"status":"{{word}}","queue_position":1,"error":"{{Echo.Text}}","error_type":"{{Echo.Word}}","logs":[{"message":"{{Echo.Text}}","timestamp":"{{Echo.Word}}","level":"{{Echo.Word}}","source":"{{Echo.Word}}"}]}""";

    private void AssertNothingWasKept(string where)
    {
        foreach (var line in proxy.Log.Lines)
            Echo.AssertNone($"{where}, a log line", line);
        Echo.AssertNone($"{where}, the database", Faults.LedgerOf.Everything(proxy.DatabaseFile));
    }

    public sealed class EchoedKeyFixture : ProxyFixture
    {
        internal RawUpstream Upstream { get; } = new();

        protected override IEnumerable<(string Name, string Value)> Settings =>
        [
            ("Fal:QueueUrl", Upstream.Url), ("Fal:RestUrl", Upstream.Url), ("Fal:PlatformUrl", Upstream.Url), ("Fal:MediaHosts:0", new Uri(Upstream.Url).Authority),
            ("FAL_ADMIN_KEY", "admin-of-canary:0123456789"), ("Jobs:FollowLinger", "00:00:00"),
        ];

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Upstream.DisposeAsync();
        }
    }
}

/// <summary>A delivery that only fal could have signed, and that says our key all the same.</summary>
public sealed class EchoingDeliveryTests(PublicFixture proxy) : IClassFixture<PublicFixture>
{
    [Theory]
    [InlineData("user")]
    [InlineData("request")]
    [InlineData("body")]
    public async Task Nor_a_delivery(string where)
    {
        using var caller = await proxy.NewCaller();
        using var fal = proxy.Anyone();
        var order = Given.OrderThat(where == "request" ? "loses-reply" : "loses-webhook");
        var id = (await caller.Create(order)).Text("id");
        var request = proxy.AtFal(order).RequestId;
        var delivery = where switch
        {
            "user" => Delivery.About(request) with { UserId = Echo.Word },
            "request" => Delivery.About(Echo.Word),
            _ => Delivery.About(request, $$$"""{"request_id": "{{{request}}}", "status": "{{{Echo.Text}}}", "error": "{{{Echo.Text}}}", "payload": {"{{{Echo.Text}}}": "{{{Echo.Text}}}"}}"""),
        };

        using var sent = delivery.To(proxy.WebhookOf(id));
        using var reply = await fal.SendAsync(sent, TestContext.Current.CancellationToken);

        Assert.Equal(where == "body" ? 200 : 401, (int)reply.StatusCode);
        foreach (var line in proxy.Log.Lines)
            Echo.AssertNone(where, line);
        Echo.AssertNone(where, Faults.LedgerOf.Document(proxy.DatabaseFile, id));
    }
}
