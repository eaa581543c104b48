using System.Text;

using KlingProxy.Http.Bodies;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KlingProxy.Tests.Http.Problems;

/// <summary>What a refusal says is about what was sent.</summary>
public sealed class HelpTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private const string Parameter = "the parameter or header", Form = "exactly one file", Json = "JSON body";

    public static TheoryData<string, string, string, string> Malformed => new()
    {
        // call                               type, header                    body                                  help is about
        { "GET /v1/jobs?limit=0",             "",                             "",                                   Parameter },
        { "GET /v1/jobs?status=x",            "",                             "",                                   Parameter },
        { "GET {own}/events?after=x",         "",                             "",                                   Parameter },
        { "GET {own}/events",                 "Last-Event-ID: x",             "",                                   Parameter },
        { "GET /v1/attention?limit=0",        "",                             "",                                   Parameter },
        { "GET /v1/ledger?limit=0",           "",                             "",                                   Parameter },
        { "GET /v1/ledger?from=x",            "",                             "",                                   Parameter },
        { "GET /v1/usage?from=x",             "",                             "",                                   Parameter },
        { "GET /v1/usage/drift?to=x",         "",                             "",                                   Parameter },
        { "POST /v1/uploads",                 "multipart/form-data",          "x",                                  Form },
        { "POST /v1/uploads",                 "multipart/form-data; boundary=a", "--a--\r\n",                       Form },
        { "POST /v1/uploads",                 "multipart/form-data; boundary=a", "--a\r\n",                         Form },
        { "POST /v1/jobs",                    "application/json",             "{",                                  Json },
        { "POST /v1/jobs",                    "application/json",             "[]",                                 Json },
        { "POST /v1/keys",                    "application/json",             "{",                                  Json },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task Helps_with_what_was_sent(string call, string header, string body, string about)
    {
        using var caller = await proxy.NewCaller("jobs", "operator");
        if (call.Contains("{own}", StringComparison.Ordinal))
            call = call.Replace("{own}", $"/v1/jobs/{(await caller.Create()).Text("id")}", StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(call.Split(' ')[0]), call.Split(' ')[1]);
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            Assert.True(request.Content.Headers.TryAddWithoutValidation("Content-Type", header));
        }
        else if (header.Split(": ") is [var name, var value])
        {
            request.Headers.Add(name, value);
        }

        var problem = await caller.SendAsync(request, TestContext.Current.CancellationToken).Refused(400, "malformed");

        Assert.Contains(about, problem.Text("help"), StringComparison.Ordinal);
        Assert.Equal(about == Json, problem.Text("help").Contains("JSON", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("POST /v1/jobs", """{"input":{},"input":{}}""")]
    [InlineData("POST /v1/jobs", """{"input":{"prompt":"a","\u0070rompt":"b"}}""")]
    [InlineData("POST /v1/quotes", """{"input":{"multi_prompt":[{"prompt":"a","prompt":"b"}]}}""")]
    [InlineData("POST /v1/keys", """{"name":"a","name":"b"}""")]
    public async Task Says_that_a_name_stands_twice(string call, string body)
    {
        using var caller = await proxy.NewCaller("jobs", "operator");
        using var request = new HttpRequestMessage(HttpMethod.Post, call.Split(' ')[1]) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

        var problem = await caller.SendAsync(request, TestContext.Current.CancellationToken).Refused(400, "malformed");

        Assert.Equal("The body is not valid JSON: a name is written more than once in one object.", problem.Text("detail"));
    }

    [Theory]
    [InlineData("/v1/keys", "application/json", 20_000, "too-large", 16 * 1024)]
    [InlineData("/v1/jobs", "application/json", 600_000, "too-large", 512 * 1024)]
    [InlineData("/v1/uploads", "image/png", 11_000_000, "image-too-large", 10_485_760)]
    public async Task Says_as_a_number_how_much_there_may_be(string path, string type, int length, string code, int limit)
    {
        using var caller = await proxy.NewCaller("jobs", "operator");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent([.. Enumerable.Repeat((byte)' ', length)]) };
        request.Content.Headers.ContentType = new(type);

        var problem = await caller.SendAsync(request, TestContext.Current.CancellationToken).Refused(413, code);

        Assert.Equal(limit, problem.GetProperty("limit").GetInt32());
    }

    [Theory]
    [InlineData("HTTP/1.1", 240.0, "The body came at less than 240 bytes a second, or took longer than it may.")]
    [InlineData("HTTP/1.1", null, "The body took longer than it may.")]
    [InlineData("HTTP/2", 240.0, "The body took longer than it may.")] // whose streams share a pace that is not theirs to ask for
    public async Task Says_how_fast_a_body_has_to_be_and_not_which_setting_says_so(string protocol, double? pace, string says)
    {
        var request = new DefaultHttpContext().Request;
        (request.Protocol, request.ContentType, request.Body) = (protocol, "application/json", new SlowStream());
        request.HttpContext.RequestServices = proxy.Services;
        request.HttpContext.Features.Set<IHttpMinRequestBodyDataRateFeature>(new Pace(pace, protocol));

        var body = await JsonBody.Read(request, limit: 1000, TestContext.Current.CancellationToken);

        Assert.Equal((408, says), (body.Refusal!.Problem.Status, body.Refusal.Detail));
    }

    private sealed class Pace(double? bytesPerSecond, string protocol) : IHttpMinRequestBodyDataRateFeature
    {
        public MinDataRate? MinDataRate
        {
            get => protocol == "HTTP/2" ? throw new NotSupportedException() : bytesPerSecond is { } rate ? new(rate, TimeSpan.FromSeconds(10)) : null;
            set => throw new NotSupportedException();
        }
    }

    private sealed class SlowStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new Microsoft.AspNetCore.Http.BadHttpRequestException("See MinRequestBodyDataRate.", 408);
    }
}
