using System.Text;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Http.Bodies;

/// <summary>JSON that comes under another name, or none, or compressed: told what to do instead.</summary>
public sealed class ContentTypeTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "", "this body has none")]
    [InlineData("application/x-www-form-urlencoded", "", "as curl -d says")]
    [InlineData("text/plain; charset=utf-8", "", "as fetch says")]
    [InlineData("multipart/form-data; boundary=x", "", "POST /v1/uploads")]
    [InlineData("application/json; charset=utf-16", "", "another character set")]
    [InlineData("application/<script>", "", "this one is another")]
    [InlineData("application/json", "gzip", "without Content-Encoding")]
    [InlineData("", "br", "without Content-Encoding")]
    public async Task Says_which_is_right(string type, string coding, string says)
    {
        using var caller = await proxy.NewCaller();
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(Given.Order().ToJsonString()));
        Assert.True(type.Length == 0 || body.Headers.TryAddWithoutValidation("Content-Type", type));
        Assert.True(coding.Length == 0 || body.Headers.TryAddWithoutValidation("Content-Encoding", coding));

        foreach (var path in new[] { "/v1/jobs", "/v1/quotes" })
        {
            using var reply = await caller.PostAsync(path, body, Cancel);
            Assert.Equal(coding.Length == 0 ? [] : ["identity"], reply.Headers.TryGetValues("Accept-Encoding", out var read) ? read : []); // RFC 9110 §12.5.3
            var detail = (await Task.FromResult(reply).Refused(415, "unsupported-media-type")).Text("detail");

            Assert.Contains(says, detail, StringComparison.Ordinal);
            Assert.Equal(coding.Length == 0, detail.Contains("application/json", StringComparison.Ordinal));
            Assert.DoesNotContain("<script>", detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=\"UTF-8\"")]
    public async Task Takes_JSON(string type)
    {
        using var caller = await proxy.NewCaller();
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(Given.Order().ToJsonString())) { Headers = { { "Content-Encoding", "identity" } } };
        Assert.True(body.Headers.TryAddWithoutValidation("Content-Type", type));

        Assert.Equal(200, await caller.PostAsync("/v1/quotes", body, Cancel).Status());
    }
}
