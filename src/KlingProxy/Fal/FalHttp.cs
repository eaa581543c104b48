using System.Net;
using System.Net.Http.Headers;

namespace KlingProxy.Fal;

/// <summary>
/// The two ways out. <see cref="WithKey"/> is the only place where the key meets a request; <see cref="WithoutKey"/> serves presigned
/// uploads, media and the public key set. Neither follows redirects, keeps cookies or retries.
/// </summary>
internal sealed class FalHttp : IDisposable
{
    /// <summary>fal's JSON replies are a few kilobytes; a result that echoes a data URI may be larger. In bytes.</summary>
    private const int MaxReply = 4 * 1024 * 1024;

    /// <summary>Names the handler below, whoever registered it.</summary>
    public const string Wire = "fal";

    private readonly FalKey key;
    private readonly HttpClient client;

    public FalHttp(FalKey key, [FromKeyedServices(Wire)] HttpMessageHandler wire)
    {
        this.key = key;
        client = new HttpClient(wire, disposeHandler: false)
        {
            Timeout = Timeout.InfiniteTimeSpan, // each kind of call has its own, in FalPipelines
            MaxResponseContentBufferSize = MaxReply,
        };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("KlingProxy", "1"));
    }

    public static HttpMessageHandler Sockets(FalOptions options) => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that a DNS change is noticed
        ActivityHeadersPropagator = null, // our trace ids are no business of fal's or a CDN's
    };

    public Task<HttpResponseMessage> WithKey(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel)
    {
        request.Headers.Authorization = key.Header;
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        return client.SendAsync(request, completion, cancel);
    }

    public Task<HttpResponseMessage> WithoutKey(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel) =>
        client.SendAsync(request, completion, cancel);

    public void Dispose() => client.Dispose();
}
