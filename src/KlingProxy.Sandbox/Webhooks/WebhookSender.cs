using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

using KlingProxy.Sandbox.Hosting;
using KlingProxy.Sandbox.Queue;

namespace KlingProxy.Sandbox.Webhooks;

/// <summary>Delivers at least once: again after any failure, with growing pauses, until fal would have forgotten the result.</summary>
internal sealed class WebhookSender(SandboxOptions options, SigningKeys keys) : IDisposable
{
    // Fal's newer documentation: 31 attempts at most, within the hour or so for which a result is stored.
    private const int MaxAttempts = 31;
    private static readonly TimeSpan Retention = TimeSpan.FromHours(1);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(15);

    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false })
    {
        Timeout = Timeout.InfiniteTimeSpan, // each attempt is timed on the wall clock instead
    };

    public ConcurrentQueue<SandboxDelivery> Deliveries { get; } = new();

    public async Task Deliver(Job job, ResultReply answer, CancellationToken stopping)
    {
        if (job.Fault is SandboxFault.LosesWebhook) return;
        if (!Uri.TryCreate(job.Webhook, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) return;

        var body = WebhookBody.Of(job, answer);
        var copies = job.Fault is SandboxFault.Delivers50 ? 50 : 1;
        await Task.WhenAll(Enumerable.Range(0, copies).Select(_ => Persist(job, url, body, stopping)));
    }

    /// <summary>5 s, 10 s, 20 s … and never more than 10 minutes.</summary>
    internal static TimeSpan PauseAfter(int attempt) => TimeSpan.FromSeconds(Math.Min(600, 5 * Math.Pow(2, Math.Min(attempt - 1, 10))));

    private async Task Persist(Job job, Uri url, byte[] body, CancellationToken stopping)
    {
        var expires = options.Clock.GetUtcNow() + Retention;
        for (var attempt = 1; ; attempt++)
        {
            var due = options.Clock.GetUtcNow() + PauseAfter(attempt);
            var (status, forGood) = await Attempt(job, url, body, stopping);
            var isLast = forGood || attempt == MaxAttempts || due > expires;
            Deliveries.Enqueue(new SandboxDelivery(job.RequestId, url, attempt, status, Encoding.UTF8.GetString(body), isLast));
            job.FirstDelivery.TrySetResult();
            if (isLast) return;

            await options.Clock.Reach(due, stopping);
        }
    }

    private async Task<(int? Status, bool ForGood)> Attempt(Job job, Uri url, byte[] body, CancellationToken stopping)
    {
        using var timeout = new CancellationTokenSource(AttemptTimeout, options.Wall);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            if (!options.DeliverToLoopback && !await PublicAddress.IsBehind(url, linked.Token)) return (null, true);
            using var request = Signed(job, url, body);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            return ((int)response.StatusCode, (int)response.StatusCode is >= 200 and < 400); // a redirect is final, too
        }
        catch (Exception error) when (error is HttpRequestException or SocketException or OperationCanceledException && !stopping.IsCancellationRequested)
        {
            return (null, false);
        }
    }

    private HttpRequestMessage Signed(Job job, Uri url, byte[] body)
    {
        var now = options.Wall.GetUtcNow();
        var user = job.Fault is SandboxFault.SignsForAnotherAccount ? "another-account" : options.UserId;
        var signature = keys.Sign(job.RequestId, user, now, body, wrongly: job.Fault is SandboxFault.SignsWrongly);
        return new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version11,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            Headers =
            {
                { "X-Fal-Webhook-Request-Id", job.RequestId },
                { "X-Fal-Webhook-User-Id", user },
                { "X-Fal-Webhook-Timestamp", SigningKeys.Seconds(now) },
                { "X-Fal-Webhook-Signature", signature },
            },
        };
    }

    public void Dispose() => http.Dispose();
}
