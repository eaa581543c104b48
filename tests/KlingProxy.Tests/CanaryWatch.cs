namespace KlingProxy.Tests;

/// <summary>Reads every answer before the test does: the key stands in no header and no body. Event streams are searched as they are read.</summary>
public sealed class CanaryWatch(string canary) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var reply = await base.SendAsync(request, cancellationToken);
        Assert.DoesNotContain(canary, $"{reply.Headers}{reply.Content.Headers}{reply.TrailingHeaders}", StringComparison.Ordinal);

        if (reply.Content.Headers.ContentType?.MediaType is not ("text/event-stream" or "video/mp4"))
        {
            await reply.Content.LoadIntoBufferAsync(cancellationToken);
            Assert.DoesNotContain(canary, await reply.Content.ReadAsStringAsync(cancellationToken), StringComparison.Ordinal);
        }
        return reply;
    }
}
