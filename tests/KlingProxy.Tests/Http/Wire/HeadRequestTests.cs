using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Http.Wire;

/// <summary>HEAD is answered as GET is, also where that is refused.</summary>
public sealed class HeadRequestTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    public static TheoryData<string, int> Refused => new()
    {
        { "/favicon.ico",          404 },
        { "/v1/nothing",           404 },
        { "/problems/nothing",     404 }, // refused by the route of GET
        { "/swagger/x",            404 },
        { "/fal/nothing",          404 },
        { "/fal/queue/x",          400 },
        { "/fal/uploads/x",        405 },
        { "/v1/quotes",            405 },
        { "/v1/freeze",            405 },
        { "/v1/keys/key_0",        405 },
        { "/v1/jobs/job_0/cancel", 405 },
        { "/v1/jobs/job_0",        404 },
        { "/v1/jobs?limit=0",      400 },
        { "/v1/jobs?nonsense=1",   400 },
        { "/v1/ledger",            403 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Has_the_headers_of_the_refusal_and_no_body(string path, int status)
    {
        using var caller = await proxy.NewCaller();

        using var get = await caller.Call($"GET {path}");
        using var head = await caller.Call($"HEAD {path}");

        Assert.Equal((status, status), ((int)get.StatusCode, (int)head.StatusCode));
        Assert.Equal(Headers(get), Headers(head));
        Assert.Contains("x-request-id: ", Headers(head), StringComparison.Ordinal);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.DoesNotContain(proxy.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leaves_the_connection_to_the_next_request()
    {
        using var caller = await proxy.NewCaller();

        foreach (var path in new[] { "/favicon.ico", "/v1/quotes", "/v1/jobs?limit=0" })
        {
            Assert.InRange(await caller.Call($"HEAD {path}").Status(), 400, 405);
            Assert.Equal(200, await caller.Call("GET /v1/models").Status());
        }
    }

    private static string Headers(HttpResponseMessage reply) => string.Join('\n',
        from header in reply.Headers.Concat(reply.Content.Headers)
        where header.Key is not ("Date" or "Transfer-Encoding" or "Content-Length" or "RateLimit") // how long, and when
        orderby header.Key
        let name = header.Key.ToLowerInvariant()
        select $"{name}: {(name is "x-request-id" or "x-fal-request-id" ? "" : string.Join(", ", header.Value))}");
}
