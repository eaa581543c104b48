using System.Net;
using System.Net.Http.Headers;

namespace KlingProxy.Fal;

/// <summary>
/// The ways out. <see cref="With"/> is the only place where a key meets a request; <see cref="WithoutKey"/> serves presigned uploads,
/// media and the public key set. None follows redirects, keeps cookies or retries.
/// </summary>
internal sealed class FalHttp : IDisposable
{
    /// <summary>fal's JSON replies are a few kilobytes; a result that echoes a data URI may be larger. In bytes.</summary>
    private const int MaxReply = 4 * 1024 * 1024;

    /// <summary>Names the handler below, whoever registered it.</summary>
    public const string Wire = "fal";

    private readonly FalKey key;
    private readonly FalAdminKey adminKey;
    private readonly HttpClient client;

    public FalHttp(FalKey key, FalAdminKey adminKey, [FromKeyedServices(Wire)] HttpMessageHandler wire)
    {
        (this.key, this.adminKey) = (key, adminKey);
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

    public Task<HttpResponseMessage> WithKey(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel) =>
        With(key, request, completion, cancel);

    public Task<HttpResponseMessage> WithAdminKey(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel) =>
        With(adminKey, request, completion, cancel);

    public Task<HttpResponseMessage> WithoutKey(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel) =>
        client.SendAsync(request, completion, cancel);

    public void Dispose() => client.Dispose();

    private Task<HttpResponseMessage> With(FalSecret secret, HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel)
    {
        request.Headers.Authorization = secret.Header;
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        return client.SendAsync(request, completion, cancel);
    }
}
