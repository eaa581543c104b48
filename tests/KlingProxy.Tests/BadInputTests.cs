using System.Net.Http.Headers;
using System.Text;

using KlingProxy.Jobs;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests;

/// <summary>Whatever is thrown at it, the service says what was wrong in one shape, never with a 5xx, and fal hears nothing of it.</summary>
public sealed class BadInputTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private const string Job = "/v1/jobs/job_00000000000000000000000000000000", Good = """{"image_url":"https://example.com/a.png","prompt":"Petals fall."}""";

    /// <summary>A lower-case letter that is two bytes in UTF-8.</summary>
    private const string NonAscii = "\u00fc";

    public static TheoryData<string, string, string, string, int, string, string> Requests => new()
    {
        // case                              call                              headers                    body                status  code                     pointer
        { "id: unknown",                     $"GET {Job}",                     "",                        "",                   404, "job-not-found",          "" },
        { "id: no prefix",                   "GET /v1/jobs/1",                 "",                        "",                   404, "job-not-found",          "" },
        { "id: SQL",                         "GET /v1/jobs/'%20OR%201=1--",    "",                        "",                   404, "job-not-found",          "" },
        { "id: huge",                        "GET /v1/jobs/{4000}",            "",                        "",                   404, "job-not-found",          "" },
        { "id: encoded slashes",             "GET /v1/jobs/..%2F..%2Fetc",     "",                        "",                   404, "job-not-found",          "" },
        { "id: double encoded",              "GET /v1/jobs/%2500",             "",                        "",                   404, "job-not-found",          "" },
        { "id: unicode",                     "GET /v1/jobs/%F0%9F%8E%AC",      "",                        "",                   404, "job-not-found",          "" },
        { "id: invalid UTF-8",               "GET /v1/jobs/%FF%FE",            "",                        "",                   404, "job-not-found",          "" },
        { "id: line break",                  "GET /v1/jobs/a%0D%0Ab",          "",                        "",                   404, "job-not-found",          "" },
        { "id: in capitals",                 "GET /v1/jobs/JOB_0000",          "",                        "",                   404, "job-not-found",          "" },
        { "id of events",                    $"GET {Job}/events",              "",                        "",                   404, "job-not-found",          "" },
        { "id of events as a stream",        $"GET {Job}/events",              "Accept: text/event-stream", "",                 404, "job-not-found",          "" },
        { "id of a video",                   $"GET {Job}/video",               "",                        "",                   404, "job-not-found",          "" },
        { "id of a video in a player",       $"GET {Job}/video",               "Accept: video/mp4",       "",                   404, "job-not-found",          "" },
        { "id of a video, odd range",        $"GET {Job}/video",               "Range: bytes=9-1,x",      "",                   404, "job-not-found",          "" },
        { "id to delete",                    $"DELETE {Job}",                  "",                        "",                   404, "job-not-found",          "" },
        { "id to cancel",                    $"POST {Job}/cancel",             "",                        "",                   404, "job-not-found",          "" },
        { "id to cancel, body of junk",      $"POST {Job}/cancel",             "",                        "junk",               404, "job-not-found",          "" },
        { "id of a key",                     "DELETE /v1/keys/key_0",          "as: operator",            "",                   404, "key-not-found",          "" },
        { "id of a key: SQL",                "DELETE /v1/keys/'%20OR%201=1",   "as: operator",            "",                   404, "key-not-found",          "" },
        { "id of a webhook",                 "POST /webhooks/fal/job_0/00",    "",                        "{}",                 404, "not-found",              "" },
        { "id of a webhook: unicode",        "POST /webhooks/fal/%F0%9F%8E%AC/%F0%9F%8E%AC", "",          "{}",                 404, "not-found",              "" },
        { "id of a problem",                 "GET /problems/none",             "",                        "",                   404, "not-found",              "" },

        { "route: none",                     "GET /v1/nothing",                "",                        "",                   404, "not-found",              "" },
        { "route: none, as a browser",       "GET /nothing",                   "Accept: text/html",       "",                   404, "not-found",              "" },
        { "route: none, odd Accept",         "GET /nothing",                   "Accept: ;;q=x",           "",                   404, "not-found",              "" },
        { "route: below one",                $"GET {Job}/video/x",             "",                        "",                   404, "not-found",              "" },
        { "verb: PUT a job",                 $"PUT {Job}",                     "",                        "{}",                 405, "method-not-allowed",     "" },
        { "verb: PATCH a job",               $"PATCH {Job}",                   "",                        "{}",                 405, "method-not-allowed",     "" },
        { "verb: GET a cancel",              $"GET {Job}/cancel",              "",                        "",                   405, "method-not-allowed",     "" },
        { "verb: POST events",               $"POST {Job}/events",             "",                        "",                   405, "method-not-allowed",     "" },
        { "verb: DELETE the list",           "DELETE /v1/jobs",                "",                        "",                   405, "method-not-allowed",     "" },
        { "verb: GET quotes",                "GET /v1/quotes",                 "",                        "",                   405, "method-not-allowed",     "" },
        { "verb: POST models",               "POST /v1/models",                "",                        "{}",                 405, "method-not-allowed",     "" },
        { "verb: of one's own",              "BREW /v1/jobs",                  "",                        "",                   405, "method-not-allowed",     "" },

        { "body: none",                      "POST /v1/jobs",                  "",                        "",                   400, "malformed",              "" },
        { "body: none, no type",             "POST /v1/jobs",                  "Content-Type: none",      "",                   415, "unsupported-media-type", "" },
        { "body: not JSON",                  "POST /v1/jobs",                  "",                        "image_url=x",        400, "malformed",              "" },
        { "body: cut short",                 "POST /v1/jobs",                  "",                        """{"input":{""",     400, "malformed",              "" },
        { "body: and then more",             "POST /v1/jobs",                  "",                        "{} {}",              400, "malformed",              "" },
        { "body: array",                     "POST /v1/jobs",                  "",                        "[]",                 400, "malformed",              "" },
        { "body: string",                    "POST /v1/jobs",                  "",                        "\"{}\"",             400, "malformed",              "" },
        { "body: null",                      "POST /v1/jobs",                  "",                        "null",               400, "malformed",              "" },
        { "body: comment",                   "POST /v1/jobs",                  "",                        "{/**/}",             400, "malformed",              "" },
        { "body: trailing comma",            "POST /v1/jobs",                  "",                        """{"input":{},}""",  400, "malformed",              "" },
        { "body: deep",                      "POST /v1/jobs",                  "",                        "{deep}",             400, "malformed",              "" },
        { "body: name twice",                "POST /v1/jobs",                  "",                        """{"input":{},"input":{}}""", 400, "malformed",     "" },
        { "body: name twice, escaped",       "POST /v1/jobs",                  "",                        """{"input":{"prompt":"a","\u0070rompt":"b"}}""", 400, "malformed", "" },
        { "body: lone surrogate",            "POST /v1/jobs",                  "",                        """{"input":{"prompt":"\ud800"}}""", 400, "malformed", "" },
        { "body: lone surrogate in a name",  "POST /v1/jobs",                  "",                        """{"\udc00":1}""",   400, "malformed",              "" },
        { "body: invalid UTF-8",             "POST /v1/jobs",                  "",                        "{latin1}",           400, "malformed",              "" },
        { "body: NUL",                       "POST /v1/jobs",                  "",                        "\0",                 400, "malformed",              "" },
        { "body: UTF-16",                    "POST /v1/jobs",                  "Content-Type: application/json; charset=utf-16", "{}", 415, "unsupported-media-type", "" },
        { "body: text/plain",                "POST /v1/jobs",                  "Content-Type: text/plain", "{}",                415, "unsupported-media-type", "" },
        { "body: form",                      "POST /v1/jobs",                  "Content-Type: application/x-www-form-urlencoded", "a=b", 415, "unsupported-media-type", "" },
        { "body: odd type",                  "POST /v1/jobs",                  "Content-Type: application/json/x", "{}",        415, "unsupported-media-type", "" },
        { "body: two types",                 "POST /v1/jobs",                  "Content-Type: application/json, text/plain", "{}", 415, "unsupported-media-type", "" },
        { "body: said to be gzip",           "POST /v1/jobs",                  "Content-Encoding: gzip",  "\u001f",             415, "unsupported-media-type", "" },

        { "field: none at all",              "POST /v1/jobs",                  "",                        "{}",                 422, "invalid-input",          "/input" },
        { "field: input null",               "POST /v1/jobs",                  "",                        """{"input":null}""", 422, "invalid-input",          "/input" },
        { "field: input in input",           "POST /v1/jobs",                  "",                        """{"input":{"input":{good}}}""", 422, "invalid-input", "/input/input" },
        { "field: at the top",               "POST /v1/jobs",                  "",                        Good,                 422, "invalid-input",          "/image_url" },
        { "field: input as text",            "POST /v1/jobs",                  "",                        """{"input":"{}"}""", 422, "invalid-input",          "/input" },
        { "field: no image",                 "POST /v1/jobs",                  "",                        """{"input":{"prompt":"a"}}""", 422, "invalid-input", "/input/image_url" },
        { "field: misspelt",                 "POST /v1/jobs",                  "",                        """{"input":{good},"metdata":{}}""", 422, "invalid-input", "/metdata" },
        { "field: a name that needs escaping", "POST /v1/jobs",                "",                        """{"input":{good},"a/b~c":1}""", 422, "invalid-input", "/a~1b~0c" },
        { "field: max_cost number",          "POST /v1/jobs",                  "",                        """{"input":{good},"max_cost":2.10}""", 422, "invalid-input", "/max_cost" },
        { "field: max_cost negative",        "POST /v1/jobs",                  "",                        """{"input":{good},"max_cost":"-1"}""", 422, "invalid-input", "/max_cost" },
        { "field: max_cost exponent",        "POST /v1/jobs",                  "",                        """{"input":{good},"max_cost":"1e2"}""", 422, "invalid-input", "/max_cost" },
        { "field: max_cost empty",           "POST /v1/jobs",                  "",                        """{"input":{good},"max_cost":""}""", 422, "invalid-input", "/max_cost" },
        { "field: max_cost endless",         "POST /v1/jobs",                  "",                        """{"input":{good},"max_cost":"{9s}"}""", 422, "invalid-input", "/max_cost" },
        { "field: metadata 2 MB",            "POST /v1/jobs",                  "",                        """{"input":{good},"metadata":{"a":"{2MB}"}}""", 413, "too-large", "" },
        { "field: metadata endless",         "POST /v1/jobs",                  "",                        """{"input":{good},"metadata":{"a":"{20000}"}}""", 422, "invalid-input", "/metadata" },
        { "field: metadata number",          "POST /v1/jobs",                  "",                        """{"input":{good},"metadata":{"a":1}}""", 422, "invalid-input", "/metadata" },
        { "field: metadata array",           "POST /v1/jobs",                  "",                        """{"input":{good},"metadata":["a"]}""", 422, "invalid-input", "/metadata" },
        { "field: model unknown",            "POST /v1/jobs",                  "",                        """{"input":{good},"model":"fal-ai/other"}""", 422, "unknown-model", "/model" },
        { "field: model disabled",           "POST /v1/jobs",                  "",                        """{"input":{good},"model":"fal-ai/kling-video/o3/pro/image-to-video"}""", 422, "unknown-model", "/model" },
        { "field: model number",             "POST /v1/jobs",                  "",                        """{"input":{good},"model":1}""", 422, "unknown-model", "/model" },
        { "field: model climbs",             "POST /v1/jobs",                  "",                        """{"input":{good},"model":"fal-ai/kling-video/o3/4k/image-to-video/../x"}""", 422, "unknown-model", "/model" },
        { "field: duration number",          "POST /v1/jobs",                  "",                        """{"input":{"image_url":"https://example.com/a.png","prompt":"a","duration":5}}""", 422, "invalid-input", "/input/duration" },
        { "field: image on this machine",    "POST /v1/jobs",                  "",                        """{"input":{"image_url":"https://127.0.0.1/a.png","prompt":"a"}}""", 422, "invalid-input", "/input/image_url" },
        { "field: shot without prompt",      "POST /v1/jobs",                  "",                        """{"input":{"image_url":"https://example.com/a.png","multi_prompt":[{"duration":"5"}]}}""", 422, "invalid-input", "/input/multi_prompt/0/prompt" },

        { "quote: not JSON",                 "POST /v1/quotes",                "",                        "x",                  400, "malformed",              "" },
        { "quote: array",                    "POST /v1/quotes",                "",                        "[1]",                400, "malformed",              "" },
        { "quote: text/plain",               "POST /v1/quotes",                "Content-Type: text/plain", "{}",                415, "unsupported-media-type", "" },

        { "key: empty object",               "POST /v1/keys",                  "as: operator",            "{}",                 422, "invalid-request",            "/name" },
        { "key: no scopes",                  "POST /v1/keys",                  "as: operator",            """{"name":"a","scopes":[]}""", 422, "invalid-request",  "/scopes" },
        { "key: unknown scope",              "POST /v1/keys",                  "as: operator",            """{"name":"a","scopes":["root"]}""", 422, "invalid-request", "/scopes" },
        { "key: scopes as text",             "POST /v1/keys",                  "as: operator",            """{"name":"a","scopes":"jobs"}""", 422, "invalid-request", "/scopes" },
        { "key: scope of the wrong type",    "POST /v1/keys",                  "as: operator",            """{"name":"a","scopes":[{"jobs":1},null]}""", 422, "invalid-request", "/scopes" },
        { "key: name number",                "POST /v1/keys",                  "as: operator",            """{"name":1,"scopes":["jobs"]}""", 422, "invalid-request", "/name" },
        { "key: name too long",              "POST /v1/keys",                  "as: operator",            """{"name":"{101}","scopes":["jobs"]}""", 422, "invalid-request", "/name" },
        { "key: expired already",            "POST /v1/keys",                  "as: operator",            """{"name":"a","scopes":["jobs"],"expires_at":"2001-01-01T00:00:00Z"}""", 422, "invalid-request", "/expires_at" },
        { "key: expires sometime",           "POST /v1/keys",                  "as: operator",            """{"name":"a","scopes":["jobs"],"expires_at":"tomorrow"}""", 422, "invalid-request", "/expires_at" },
        { "key: expires as a number",        "POST /v1/keys",                  "as: operator",            """{"name":"a","scopes":["jobs"],"expires_at":1}""", 422, "invalid-request", "/expires_at" },
        { "key: unknown field",              "POST /v1/keys",                  "as: operator",            """{"name":"a","scopes":["jobs"],"admin":true}""", 422, "invalid-request", "/admin" },
        { "key: array",                      "POST /v1/keys",                  "as: operator",            "[]",                 400, "malformed",              "" },
        { "key: too large",                  "POST /v1/keys",                  "as: operator",            """{"name":"{20000}"}""", 413, "too-large",          "" },
        { "key: too large, chunked",         "POST /v1/keys",                  "as: operator|Transfer-Encoding: chunked", """{"name":"{20000}"}""", 413, "too-large", "" },

        { "header: empty key",               "POST /v1/jobs",                  "Idempotency-Key: ",       """{"input":{good}}""", 400, "invalid-idempotency-key", "" },
        { "header: key of 256",              "POST /v1/jobs",                  "Idempotency-Key: {256}",  """{"input":{good}}""", 400, "invalid-idempotency-key", "" },
        { "header: key with a space",        "POST /v1/jobs",                  "Idempotency-Key: a b",    """{"input":{good}}""", 400, "invalid-idempotency-key", "" },
        { "header: key not ASCII",           "POST /v1/jobs",                  $"Idempotency-Key: {NonAscii}", """{"input":{good}}""", 400, "invalid-idempotency-key", "" },
        { "header: two keys",                "POST /v1/jobs",                  "Idempotency-Key: a|Idempotency-Key: b", """{"input":{good}}""", 400, "invalid-idempotency-key", "" },
        { "header: junk that is ignored",    $"GET {Job}",                     "Prefer: wait=;;|If-None-Match: x|If-Modified-Since: x|Range: x|Accept: x|Cookie: ;=|Forwarded: x|X-Forwarded-For: x|X-Request-Id: x", "", 404, "job-not-found", "" },

        { "query: limit=0",                  "GET /v1/jobs?limit=0",           "",                        "",                   400, "malformed",              "" },
        { "query: limit=101",                "GET /v1/jobs?limit=101",         "",                        "",                   400, "malformed",              "" },
        { "query: limit=-1",                 "GET /v1/jobs?limit=-1",          "",                        "",                   400, "malformed",              "" },
        { "query: limit=abc",                "GET /v1/jobs?limit=abc",         "",                        "",                   400, "malformed",              "" },
        { "query: limit empty",              "GET /v1/jobs?limit=",            "",                        "",                   400, "malformed",              "" },
        { "query: limit twice",              "GET /v1/jobs?limit=1&limit=2",   "",                        "",                   400, "malformed",              "" },
        { "query: limit huge",               "GET /v1/jobs?limit=99999999999999999999", "",               "",                   400, "malformed",              "" },
        { "query: limit Arabic",             "GET /v1/jobs?limit=%D9%A1",      "",                        "",                   400, "malformed",              "" },
        { "query: status",                   "GET /v1/jobs?status=foo",        "",                        "",                   400, "malformed",              "" },
        { "query: status in capitals",       "GET /v1/jobs?status=COMPLETED",  "",                        "",                   400, "malformed",              "" },
        { "query: status number",            "GET /v1/jobs?status=1",          "",                        "",                   400, "malformed",              "" },
        { "query: cursor junk",              "GET /v1/jobs?cursor=junk",       "",                        "",                   400, "malformed",              "" },
        { "query: cursor empty",             "GET /v1/jobs?cursor=",           "",                        "",                   400, "malformed",              "" },
        { "query: cursor not base64",        "GET /v1/jobs?cursor=%00%FF",     "",                        "",                   400, "malformed",              "" },
        { "query: cursor beyond time",       "GET /v1/jobs?cursor=OTk5OTk5OTk5OTk5OTk5OTk5OTkuYQ", "",    "",                   400, "malformed",              "" },
        { "query: cursor huge",              "GET /v1/jobs?cursor={4000}",     "",                        "",                   400, "malformed",              "" },
        { "query: after=-1",                 "GET {own}/events?after=-1",      "",                        "",                   400, "malformed",              "" },
        { "query: after=abc",                "GET {own}/events?after=abc",     "",                        "",                   400, "malformed",              "" },
        { "query: after twice",              "GET {own}/events?after=1&after=2", "",                      "",                   400, "malformed",              "" },
        { "query: after huge",               "GET {own}/events?after=99999999999999999999", "",           "",                   400, "malformed",              "" },
        { "header: Last-Event-ID",           "GET {own}/events",               "Last-Event-ID: junk",     "",                   400, "malformed",              "" },
        { "header: Last-Event-ID negative",  "GET {own}/events",               "Last-Event-ID: -1",       "",                   400, "malformed",              "" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task Says_what_was_wrong(string situation, string call, string headers, string body, int status, string code, string at)
    {
        using var caller = headers.StartsWith("as: operator", StringComparison.Ordinal) ? proxy.Operator() : await proxy.NewCaller();
        var own = call.Contains("{own}", StringComparison.Ordinal) ? await OwnJob(caller) : "";
        var (submits, initiates) = (proxy.Fal.Counts.Submits, proxy.Fal.Counts.Initiates);

        using var request = Request(Expanded(call).Replace("{own}", own, StringComparison.Ordinal), Expanded(headers), body);
        var problem = await caller.SendAsync(request, TestContext.Current.CancellationToken).Refused(status, code);

        Assert.Contains(at, at == "" ? [""] : problem.Pointers());
        Assert.Equal((situation, submits, initiates), (situation, proxy.Fal.Counts.Submits, proxy.Fal.Counts.Initiates));
    }

    [Theory]
    [InlineData("GET /v1/jobs/%00")]
    [InlineData("GET /v1/jobs/{9000}")]
    public async Task What_the_server_itself_refuses_is_no_fault_of_ours(string call)
    {
        using var caller = await proxy.NewCaller();

        Assert.InRange(await caller.Call(Expanded(call)).Status(), 400, 499);
    }

    [Fact]
    public async Task A_byte_order_mark_is_no_mistake()
    {
        using var caller = await proxy.NewCaller();
        using var request = Request("POST /v1/quotes", "", "\ufeff{\"input\":" + Good + "}");

        Assert.Equal("2.10", (await caller.SendAsync(request, TestContext.Current.CancellationToken).Json()).Text("amount"));
    }

    private static async Task<string> OwnJob(HttpClient caller) => $"/v1/jobs/{(await caller.Create()).Text("id")}";

    private static HttpRequestMessage Request(string call, string headers, string body)
    {
        var request = new HttpRequestMessage(new HttpMethod(call.Split(' ')[0]), call.Split(' ', 2)[1]);
        if (request.Method != HttpMethod.Get)
        {
            request.Content = new ByteArrayContent(Bytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        foreach (var (name, value) in headers.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(header => (header.Split(": ")[0], header.Split(": ")[1])))
        {
            if (name is "Content-Type")
                request.Content!.Headers.Remove(name);
            if (name is "as" || value is "none")
                continue;
            Assert.True(request.Headers.TryAddWithoutValidation(name, value) || request.Content!.Headers.TryAddWithoutValidation(name, value));
        }
        return request;
    }

    private static byte[] Bytes(string body) => body switch
    {
        "{latin1}" => [.. "{\"input\":{\"prompt\":\""u8, 0xFC, .. "\"}}"u8],
        "{deep}" => Encoding.UTF8.GetBytes($"{{\"input\":{new string('[', 5000)}{new string(']', 5000)}}}"),
        _ => Encoding.UTF8.GetBytes(Expanded(body)),
    };

    private static string Expanded(string text) => text
        .Replace("{good}", Good, StringComparison.Ordinal)
        .Replace("{4000}", new string('x', 4000), StringComparison.Ordinal)
        .Replace("{9000}", new string('x', 9000), StringComparison.Ordinal)
        .Replace("{256}", new string('x', 256), StringComparison.Ordinal)
        .Replace("{101}", new string('x', 101), StringComparison.Ordinal)
        .Replace("{20000}", new string('x', 20_000), StringComparison.Ordinal)
        .Replace("{9s}", new string('9', 100), StringComparison.Ordinal)
        .Replace("{2MB}", new string('x', 2_000_000), StringComparison.Ordinal);
}
