using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace KlingProxy.Tests.Fixtures;

/// <summary>Which of the service's calls to fal are still without an answer. A clock that turns past them would cut them off.</summary>
public sealed partial class FalTraffic : DelegatingHandler
{
    private readonly ConcurrentDictionary<HttpRequestMessage, string> inTheAir = new();

    public IReadOnlyCollection<string> InTheAir => [.. inTheAir.Values];

    public bool IsClear => inTheAir.IsEmpty;

    /// <summary>What happens while the next submit waits for a connection; once.</summary>
    public Action? WhileConnecting { get; set; }

    /// <summary>What the next fetch of a result waits for before it leaves; once.</summary>
    public Task? BeforeResult { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isRead = false;
        inTheAir[request] = $"{request.Method} {request.RequestUri?.AbsolutePath}";
        try
        {
            if (request.Method == HttpMethod.Post && WhileConnecting is { } happens)
            {
                WhileConnecting = null;
                happens();
            }

            if (request.Method == HttpMethod.Get && BeforeResult is { } before && IsResult().IsMatch(request.RequestUri!.AbsolutePath))
            {
                BeforeResult = null;
                await before.WaitAsync(cancellationToken);
            }

            var reply = await base.SendAsync(request, cancellationToken);
            if (request.Method == HttpMethod.Post && reply.Content.Headers.ContentType?.MediaType == "application/json")
            {
                reply.Content = new WatchedContent(reply.Content, () => inTheAir.TryRemove(request, out _));
                isRead = true;
            }

            return reply;
        }
        finally
        {
            if (!isRead)
                inTheAir.TryRemove(request, out _);
        }
    }

    [GeneratedRegex("/requests/[^/]+$")]
    private static partial Regex IsResult();

    /// <summary>
    /// An answer is on its way until the service has put it away: on a machine with much to do, a clock can turn by minutes between
    /// its head and its last byte, and past the timeout of the submit, which is then unanswered for good.
    /// </summary>
    private sealed class WatchedContent : StreamContent
    {
        private readonly HttpContent content;
        private readonly Action putAway;

        public WatchedContent(HttpContent content, Action putAway)
            : base(content.ReadAsStream())
        {
            (this.content, this.putAway) = (content, putAway);
            foreach (var (name, values) in content.Headers)
                Headers.TryAddWithoutValidation(name, values);
        }

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            content.Dispose();
            putAway();
        }
    }
}
