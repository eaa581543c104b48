using System.Diagnostics;

namespace KlingProxy.Tests.Fixtures;

/// <summary>
/// Reads every answer before the test does: the key stands in no header and no body. Event streams are searched as they are read. It also
/// ends what would never end: a call without an answer, a body without an end.
/// </summary>
/// <param name="canary">What must not leak.</param>
/// <param name="situation">How the world behind the calls stands.</param>
public sealed class CanaryWatch(string canary, Func<Task<string>>? situation = null) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = $"{request.Method} {request.RequestUri?.PathAndQuery}";
        var end = Patience.Ends(cancellationToken);
        var since = Stopwatch.StartNew();
        try
        {
            var reply = await base.SendAsync(request, end.Token);
            Assert.DoesNotContain(canary, $"{reply.Headers}{reply.Content.Headers}{reply.TrailingHeaders}", StringComparison.Ordinal);

            if (reply.Content.Headers.ContentType?.MediaType is "text/event-stream" or "video/mp4")
            {
                reply.Content = new EndingBody(reply.Content, call, situation);
                return reply;
            }
            await reply.Content.LoadIntoBufferAsync(end.Token);
            Assert.DoesNotContain(canary, await reply.Content.ReadAsStringAsync(end.Token), StringComparison.Ordinal);
            return reply;
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && !cancellationToken.IsCancellationRequested && !TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw await Patience.Out($"{call} was answered", situation, since.Elapsed);
        }
        finally
        {
            end.Dispose();
        }
    }
}
