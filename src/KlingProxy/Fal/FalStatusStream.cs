using System.Runtime.CompilerServices;
using System.Text;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal;

/// <summary>fal's status stream (§2.7): one connection instead of a poll every half second.</summary>
internal sealed class FalStatusStream(FalHttp http, FalKey key, IOptions<FalOptions> options, TimeProvider time)
{
    private const string Data = "data:";

    /// <summary>Yields until fal says <see cref="FalStatus.Ended"/>, or quietly stops when the stream ends, drops or falls silent. Only the result call tells which.</summary>
    public async IAsyncEnumerable<FalStatus> Follow(string model, string requestId, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, FalAddress.Request(options.Value, model, requestId, "/status/stream?logs=1"));
        using var reply = await Open(request, cancel);
        if (reply is not { IsSuccessStatusCode: true, Content.Headers.ContentType.MediaType: "text/event-stream" })
            yield break;

        var logs = new List<FalLogLine>(); // each event tells only what is new
        using var lines = new StreamReader(await reply.Content.ReadAsStreamAsync(cancel), Encoding.UTF8);
        while (await NextLine(lines, cancel) is { } line)
        {
            if (!line.StartsWith(Data, StringComparison.Ordinal))
                continue; // comments and blank lines say only that the stream lives
            var status = FalStatus.Read(JsonReading.TryParse(Encoding.UTF8.GetBytes(line[Data.Length..])), key.Struck);
            logs.AddRange(status.Logs.Take(FalLogLine.MaxLines - logs.Count));
            yield return status with { Logs = [.. logs] };
            if (status is FalStatus.Ended)
                yield break;
        }
    }

    private async Task<HttpResponseMessage?> Open(HttpRequestMessage request, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(options.Value.ReadTimeout, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            return await http.WithKey(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        }
        catch (Exception error) when (!cancel.IsCancellationRequested && error is HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<string?> NextLine(StreamReader lines, CancellationToken cancel)
    {
        try
        {
            return await lines.ReadLineAsync(cancel).AsTask().WaitAsync(options.Value.StreamIdleTimeout, time, cancel);
        }
        catch (Exception error) when (!cancel.IsCancellationRequested && error is HttpRequestException or IOException or TimeoutException)
        {
            return null;
        }
    }
}
