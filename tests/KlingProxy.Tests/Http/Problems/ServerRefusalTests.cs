using System.Net.Sockets;
using System.Text;
using System.Text.Json;

using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Http.Problems;

/// <summary>What the server refuses before there is a request looks like every other refusal.</summary>
public sealed class ServerRefusalTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static readonly string Long = new('a', 9000), TooMuch = string.Concat(Enumerable.Range(0, 5).Select(number => $"X-{number}: {Long}\r\n"));

    public static TheoryData<string, string, int, string> Heads => new()
    {
        { "an address of 9 KB",      $"GET /{Long} HTTP/1.1\r\nHost: x\r\n\r\n",                414, "uri-too-long" },
        { "headers of 18 KB",        $"GET / HTTP/1.1\r\nHost: x\r\nX-0: {Long}\r\nX-1: {Long}\r\n\r\n", 431, "headers-too-large" },
        { "headers of 45 KB",        $"GET / HTTP/1.1\r\nHost: x\r\n{TooMuch}\r\n",             431, "headers-too-large" },
        { "a NUL in the path",       "GET /v1/jobs/%00 HTTP/1.1\r\nHost: x\r\n\r\n",            400, "bad-request" },
        { "no Host",                 "GET /v1/jobs HTTP/1.1\r\n\r\n",                           400, "bad-request" },
        { "two Hosts",               "GET /v1/jobs HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",     400, "bad-request" },
        { "no HTTP",                 "hello\r\n\r\n",                                           400, "bad-request" },
        { "a TLS greeting",          "\u0016\u0003\u0001\u0002\u0000\r\n\r\n",                  400, "bad-request" },
        { "a header without a name", "GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n",                400, "bad-request" },
        { "two lengths",             "POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "bad-request" },
        { "another version",     "GET / HTTP/1.2\r\nHost: x\r\n\r\n",                     505, "http-version-not-supported" },
    };

    public static TheoryData<string, string?> Written => new()
    {
        // what the server writes                                                                                     its problem, if it is explained
        { "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",                              "bad-request" },
        { "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",                       "bad-request" },
        { "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",                    "internal" },
        { "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",               "http-version-not-supported" },
        { "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",                                          null }, // perhaps a HEAD's, after which the connection goes on
        { "HTTP/1.1 505 HTTP Version Not Supported\r\nContent-Length: 0\r\nConnection: close\r\nX-Request-Id: r\r\n\r\n", null },
        { "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",                                                     null },
        { "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 1\r\nConnection: close\r\n\r\n",                    null },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void Is_explained_where_nobody_has(string head, string? code)
    {
        var whole = ServerRefusals.Explain(Encoding.ASCII.GetBytes(head), new ServiceMode("live"));

        var problem = whole is null ? default : JsonElement.Parse(Encoding.UTF8.GetString(whole).Split("\r\n\r\n", 2)[1]);
        Assert.Equal(code, whole is null ? null : problem.Text("code"));
        if (whole is not null)
            Assert.Equal(head.Split(' ')[1], problem.GetProperty("status").ToString());
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public async Task Is_a_problem_that_says_what_to_do(string what, string head, int status, string code)
    {
        var cancel = TestContext.Current.CancellationToken;
        using var connection = new TcpClient();
        await connection.ConnectAsync(proxy.Address.Host, proxy.Address.Port, cancel);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), cancel);

        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(cancel); // the server hangs up after it

        var (headers, body) = answer.Split("\r\n\r\n", 2) is [var above, var below] ? (above, below) : (answer, "");
        Assert.StartsWith($"HTTP/1.1 {status} ", headers, StringComparison.Ordinal);
        foreach (var header in new[] { "Content-Type: application/problem+json", $"Content-Length: {body.Length}", "Cache-Control: no-store", "X-KlingProxy-Mode: live", "Vary: Origin" })
            Assert.Contains($"\r\n{header}", headers, StringComparison.Ordinal);
        var problem = JsonElement.Parse(body);
        Assert.Equal((what, code, $"/problems/{code}", status), (what, problem.Text("code"), problem.Text("type"), problem.GetProperty("status").GetInt32()));
        Assert.All(["title", "detail", "help"], field => Assert.NotEmpty(problem.Text(field)));
        Assert.Contains($"\r\nX-Request-Id: {problem.Text("request_id")}", headers, StringComparison.Ordinal);
    }
}
