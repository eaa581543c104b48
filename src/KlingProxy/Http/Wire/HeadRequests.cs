using Microsoft.AspNetCore.Http.Features;

namespace KlingProxy.Http.Wire;

/// <summary>
/// HEAD wherever GET is (RFC 9110 §9.3.2): the same headers, without the body. The routes are asked for a GET where they know no HEAD of their own, and what
/// they write goes nowhere. Whoever would write for long is told with the first byte that nobody listens; what would go on for long (an event
/// stream) never begins.
/// </summary>
internal static class HeadRequests
{
    /// <summary>Between two looks for a route: the first has found none for HEAD.</summary>
    public static void UseHeadLikeGet(this IApplicationBuilder app) => app.Use((context, next) =>
        !HttpMethods.IsHead(context.Request.Method) || context.GetEndpoint() is RouteEndpoint ? next(context) : Ask(context, next));

    private static async Task Ask(HttpContext context, RequestDelegate next)
    {
        var (asked, aborted, body) = (context.Request.Method, context.RequestAborted, context.Features.Get<IHttpResponseBodyFeature>());
        using var answered = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        context.RequestAborted = answered.Token;
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new Unread(answered)));
        context.Request.Method = HttpMethods.Get;
        context.SetEndpoint(null);
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (answered.IsCancellationRequested)
        {
            // All that was asked for has been said: the server sends the headers.
        }
        finally
        {
            // Whoever stands outside words the refusals that nobody inside did (no route, an exception); the server leaves out what they write after the
            // headers.
            context.Request.Method = asked;
            context.RequestAborted = aborted;
            context.Features.Set(body);
            LongAnswers.Leave(context);
        }
    }

    private sealed class Unread(CancellationTokenSource answered) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => answered.Cancel();

        public override Task FlushAsync(CancellationToken cancellationToken) => answered.CancelAsync();

        public override void Write(byte[] buffer, int offset, int count) => answered.Cancel();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => await answered.CancelAsync();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
