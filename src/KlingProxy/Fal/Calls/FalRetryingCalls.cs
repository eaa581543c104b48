using System.Net.Http.Headers;

using Polly.Timeout;

namespace KlingProxy.Fal.Calls;

/// <summary>
/// Calls that may be repeated at no cost. They retry, and then answer <see cref="FalReply.None"/>; they throw only when the caller cancelled.
/// </summary>
internal sealed class FalRetryingCalls(FalHttp http, FalPipelines pipelines)
{
    /// <summary>A hundred records with what was asked for, in bytes.</summary>
    private const int MaxList = 4 * 1024 * 1024;

    public Task<FalReply> WithKey(HttpMethod method, Uri address, CancellationToken cancel) => Send(http.WithKey, method, address, null, [], cancel);

    /// <summary>For lists, whose replies may be longer than others.</summary>
    public Task<FalReply> LongWithKey(HttpMethod method, Uri address, CancellationToken cancel) =>
        Send(http.WithKey, method, address, null, [], cancel, MaxList);

    public Task<FalReply> WithKey(
        HttpMethod method, Uri address, ReadOnlyMemory<byte> json, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancel) =>
        Send(http.WithKey, method, address, json, headers, cancel);

    public Task<FalReply> LongWithAdminKey(HttpMethod method, Uri address, CancellationToken cancel) =>
        Send(http.WithAdminKey, method, address, null, [], cancel, MaxList);

    public Task<FalReply> WithoutKey(HttpMethod method, Uri address, CancellationToken cancel) =>
        Send(http.WithoutKey, method, address, null, [], cancel);

    private async Task<FalReply> Send(
        Func<HttpRequestMessage, HttpCompletionOption, CancellationToken, Task<HttpResponseMessage>> send,
        HttpMethod method, Uri address, ReadOnlyMemory<byte>? json, IReadOnlyList<(string Name, string Value)> headers, CancellationToken cancel,
        int maxReply = FalBorder.MaxReply)
    {
        try
        {
            using var reply = await pipelines.Read.ExecuteAsync(async attempt =>
            {
                using var request = new HttpRequestMessage(method, address) { Content = json is { } body ? JsonContent(body) : null };
                request.Options.Set(FalBorder.Larger, maxReply);
                foreach (var (name, value) in headers)
                    request.Headers.Add(name, value);
                return await send(request, HttpCompletionOption.ResponseContentRead, attempt);
            }, cancel);
            return await FalReply.Of(reply, cancel);
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            return FalReply.TooLong;
        }
        catch (Exception error) when (!cancel.IsCancellationRequested
            && error is HttpRequestException or TimeoutRejectedException or OperationCanceledException or IOException or InvalidOperationException)
        {
            return FalReply.None;
        }
    }

    public static ByteArrayContent JsonContent(ReadOnlyMemory<byte> body) =>
        new(body.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
}
