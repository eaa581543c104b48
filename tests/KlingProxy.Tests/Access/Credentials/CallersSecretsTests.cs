using System.Text;

using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Credentials;

/// <summary>What a caller sends to us stays with us: fal sees the order and our own key, and nothing of who asked.</summary>
public sealed class CallersSecretsTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Theory]
    [InlineData("Bearer")]
    [InlineData("Key")]
    public async Task Nothing_of_the_caller_reaches_fal(string scheme)
    {
        var (key, mark) = (await proxy.NewKey(), $"mark-{Guid.NewGuid():N}");
        using var caller = proxy.Anyone();
        caller.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"{scheme} {key}");
        foreach (var header in new[] { "Cookie", "X-Fal-Token", "X-Fal-Tags", "X-Custom", "User-Agent", "Referer", "Origin", "Forwarded", "X-Forwarded-For", "Proxy-Authorization", "Idempotency-Key", "traceparent" })
            caller.DefaultRequestHeaders.TryAddWithoutValidation(header, mark);

        var upload = await Upload(caller);
        var order = Given.Order();
        order["input"]!["image_url"] = upload;
        var id = (await caller.Create(order)).Text("id");
        await proxy.End(caller, id);
        await caller.Call($"GET /v1/jobs/{id}/video", null, ("X-More", mark)).Status();
        await caller.Call($"POST /v1/jobs/{id}/cancel").Status();

        Assert.Superset(new HashSet<SandboxOperation> { SandboxOperation.Initiate, SandboxOperation.Put, SandboxOperation.Submit, SandboxOperation.Result, SandboxOperation.Media }, proxy.Fal.Received.Select(call => call.Operation).ToHashSet());
        foreach (var call in proxy.Fal.Received)
        {
            var all = $"{call.Method} {call.PathAndQuery} {string.Join(' ', call.Headers)} {Encoding.Latin1.GetString(call.BodyStart.Span)}";
            foreach (var secret in new[] { key, mark, "Cookie", id })
                Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase);
            if (call.Headers.TryGetValue("Authorization", out var authorization))
                Assert.Equal($"Key {ProxyFixture.CanaryKey}", authorization);
        }
        Assert.Equal(0, proxy.Fal.Counts.LeakedCredentials);
        Assert.DoesNotContain(proxy.Log.Lines, line => line.Contains(key, StringComparison.Ordinal));
    }

    private static async Task<string> Upload(HttpClient caller)
    {
        using var image = new ByteArrayContent(await File.ReadAllBytesAsync(EndToEnd.Repository.Still)) { Headers = { ContentType = new("image/jpeg") } };
        using var reply = await caller.PostAsync("/v1/uploads", image);
        return (await reply.Json()).Text("url");
    }
}
