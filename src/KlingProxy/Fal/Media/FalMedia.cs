using System.Net.Http.Headers;

using KlingProxy.Fal.Calls;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal.Media;

/// <summary>Reads result files: without the key, from listed hosts only, following nothing.</summary>
internal sealed class FalMedia(FalHttp http, IOptions<FalOptions> options, TimeProvider time)
{
    private readonly List<MediaHost> hosts =
        [.. options.Value.MediaHosts.Select(text => MediaHost.TryParse(text, out var host) ? host : null).OfType<MediaHost>()];

    public bool MayRead(string? address, out Uri url)
    {
        var known = Uri.TryCreate(Mirrored(address), UriKind.Absolute, out var parsed) && hosts.Exists(host => host.Allows(parsed));
        url = known ? parsed! : new Uri("about:blank");
        return known;
    }

    private string? Mirrored(string? address) =>
        options.Value.MediaUrl is { } mirror && address?.IndexOf("/files/", StringComparison.Ordinal) is >= 0 and var path
            ? mirror.TrimEnd('/') + address[path..]
            : address;

    /// <param name="url">One that <see cref="MayRead"/> allowed.</param>
    /// <param name="range">The caller's Range header, already parsed; passed through as it is.</param>
    /// <exception cref="OperationCanceledException">The host has fallen silent before it said anything.</exception>
    public async Task<HttpResponseMessage> Open(HttpMethod method, Uri url, RangeHeaderValue? range, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(method, url);
        request.Headers.Range = range;
        using var timeout = new CancellationTokenSource(options.Value.ReadTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        var reply = await http.WithoutKey(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
        if (reply.Content.Headers.ContentRange is { Unit: not "bytes" })
            reply.Content.Headers.ContentRange = null; // a word of somebody's, and not what was asked for
        return reply;
    }
}
