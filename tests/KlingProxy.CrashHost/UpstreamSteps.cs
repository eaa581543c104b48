using System.Net;

namespace KlingProxy.CrashHost;

/// <summary>
/// Every call to fal, named by its verb and the last word of its path, and the points it passes: before anything is sent; all of it sent and
/// nothing heard; an answer heard and not read; the answer read and nothing written down.
/// </summary>
internal sealed class UpstreamSteps(CrashPoints points) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = $"fal {request.Method} {LastWord(request.RequestUri!)}";
        points.Pass($"{call}, before");
        if (request.Content is { } content)
            request.Content = new Told(content, () => points.Pass($"{call}, sent"));

        var reply = await base.SendAsync(request, cancellationToken);
        points.Pass($"{call}, heard");
        if (reply.Content.Headers.ContentType?.MediaType is not ("text/event-stream" or "video/mp4")) // these are read as they come
        {
            await reply.Content.LoadIntoBufferAsync(cancellationToken);
            points.Pass($"{call}, read");
        }
        return reply;
    }

    private static string LastWord(Uri address) =>
        address.Segments.Select(segment => segment.Trim('/')).LastOrDefault(segment => segment.Length > 0 && !IsId(segment)) ?? "/";

    private static bool IsId(string segment) => segment.Length >= 8 && segment.Any(char.IsAsciiDigit);

    private sealed class Told : HttpContent
    {
        private readonly HttpContent inner;
        private readonly Action sent;

        public Told(HttpContent inner, Action sent)
        {
            (this.inner, this.sent) = (inner, sent);
            foreach (var (name, values) in inner.Headers)
                Headers.TryAddWithoutValidation(name, values);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await inner.CopyToAsync(stream, context, cancellationToken);
            await stream.FlushAsync(cancellationToken); // it is the kernel's now, and arrives whatever becomes of us
            sent();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = inner.Headers.ContentLength ?? 0;
            return inner.Headers.ContentLength is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
