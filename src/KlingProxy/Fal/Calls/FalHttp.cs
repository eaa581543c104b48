using System.Net;
using System.Net.Http.Headers;

namespace KlingProxy.Fal.Calls;

/// <summary>
/// The ways out. <see cref="With"/> is the only place where a key meets a request; <see cref="WithoutKey"/> serves presigned uploads,
/// media and the public key set. None follows redirects, keeps cookies, unpacks or retries; and whatever comes back has passed <see cref="FalBorder"/>.
/// </summary>
internal sealed class FalHttp : IDisposable
{
    /// <summary>All headers of a reply, in KiB; fal's own limit is about 16.</summary>
    private const int MaxHeaders = 32;

    /// <summary>Names the handler below, whoever registered it.</summary>
    public const string Wire = "fal";

    private readonly FalKey key;
    private readonly FalAdminKey adminKey;
    private readonly FalBorder border;
    private readonly HttpClient client;

    public FalHttp(FalKey key, FalAdminKey adminKey, FalBorder border, [FromKeyedServices(Wire)] HttpMessageHandler wire)
    {
        (this.key, this.adminKey, this.border) = (key, adminKey, border);
        client = new HttpClient(wire, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan }; // each kind of call has its own, in FalPipelines
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("KlingProxy", ServiceVersion.Text));
    }

    public static HttpMessageHandler Sockets(FalOptions options) => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None, // a few bytes could unpack to gigabytes
        MaxResponseHeadersLength = MaxHeaders,
        ConnectTimeout = options.ConnectTimeout,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that a DNS change is noticed
        ActivityHeadersPropagator = null, // our trace ids are no business of fal's or a CDN's
    };

    public Task<HttpResponseMessage> WithKey(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel) =>
        With(key, request, completion, cancel);

    public Task<HttpResponseMessage> WithAdminKey(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel) =>
        With(adminKey, request, completion, cancel);

    public Task<HttpResponseMessage> WithoutKey(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel) =>
        Send(request, completion, cancel);

    public void Dispose() => client.Dispose();

    private Task<HttpResponseMessage> With(FalSecret secret, HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel)
    {
        request.Headers.Authorization = secret.Header;
        request.Headers.Accept.ParseAdd("application/json, text/event-stream");
        return Send(request, completion, cancel);
    }

    private async Task<HttpResponseMessage> Send(HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancel)
    {
        var reply = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        try
        {
            return completion == HttpCompletionOption.ResponseHeadersRead ? border.Heads(reply) : await border.Whole(reply, cancel);
        }
        catch
        {
            reply.Dispose();
            throw;
        }
    }
}
