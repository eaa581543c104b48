using System.Net.Http.Headers;

using Polly.Timeout;

namespace KlingProxy.Fal;

/// <summary>Calls that may be repeated at no cost. They retry, and then answer <see cref="FalReply.None"/>; they throw only when the caller cancelled.</summary>
internal sealed class FalReads(FalHttp http, FalPipelines pipelines)
{
    public Task<FalReply> WithKey(HttpMethod method, Uri address, CancellationToken cancel) => Send(http.WithKey, method, address, null, [], cancel);

    public Task<FalReply> WithKey(HttpMethod method, Uri address, ReadOnlyMemory<byte> json, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancel) =>
        Send(http.WithKey, method, address, json, headers, cancel);

    public Task<FalReply> WithAdminKey(HttpMethod method, Uri address, CancellationToken cancel) => Send(http.WithAdminKey, method, address, null, [], cancel);

    public Task<FalReply> WithoutKey(HttpMethod method, Uri address, CancellationToken cancel) =>
        Send(http.WithoutKey, method, address, null, [], cancel);

    private async Task<FalReply> Send(
        Func<HttpRequestMessage, HttpCompletionOption, CancellationToken, Task<HttpResponseMessage>> send,
        HttpMethod method, Uri address, ReadOnlyMemory<byte>? json, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancel)
    {
        try
        {
            using var reply = await pipelines.Read.ExecuteAsync(async attempt =>
            {
                using var request = new HttpRequestMessage(method, address) { Content = json is { } body ? JsonContent(body) : null };
                foreach (var (name, value) in headers)
                    request.Headers.Add(name, value);
                return await send(request, HttpCompletionOption.ResponseContentRead, attempt);
            }, cancel);
            return await FalReply.Of(reply, cancel);
        }
        catch (Exception error) when (!cancel.IsCancellationRequested && error is HttpRequestException or TimeoutRejectedException or OperationCanceledException or IOException or InvalidOperationException)
        {
            return FalReply.None;
        }
    }

    public static ByteArrayContent JsonContent(ReadOnlyMemory<byte> body) =>
        new(body.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}
