using System.Runtime.CompilerServices;

using KlingProxy.Fal.Calls;
using KlingProxy.Ids;

using Microsoft.Extensions.Options;

namespace KlingProxy.Fal.Queue;

/// <summary>fal's status stream (docs/fal-contract.md §2.7): one connection instead of a poll every half second.</summary>
internal sealed class FalStatusStream(FalHttp http, FalBorder border, IOptions<FalOptions> options, TimeProvider time)
{
    /// <summary>
    /// Yields until fal says <see cref="FalStatus.Ended"/>, or quietly stops when the stream ends, drops, falls silent or never ends. Only the result
    /// call tells which. Of what comes faster than it is taken, the newest is told.
    /// </summary>
    public async IAsyncEnumerable<FalStatus> Follow(string model, FalRequestId requestId, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, FalAddress.Request(options.Value, model, requestId, "/status/stream?logs=1"));
        using var reply = await Open(request, cancel);
        if (reply is not { IsSuccessStatusCode: true, Content.Headers.ContentType.MediaType: "text/event-stream" })
            yield break;

        var lines = new BoundedLines(await reply.Content.ReadAsStreamAsync(cancel));
        var (pace, logs) = (new EventPace(time), new List<FalLogLine>()); // each event tells only what is new
        var (newest, next) = (default(FalStatus), default(Task<ReadOnlyMemory<byte>?>));
        while (true)
        {
            if (newest is not null && (newest is FalStatus.Ended || pace.Pause == TimeSpan.Zero))
            {
                pace.Take();
                yield return newest with { Logs = [.. logs] };
                if (newest is FalStatus.Ended)
                    yield break;
                newest = null;
            }
            next ??= NextLine(lines, cancel);
            if (newest is not null && !await Comes(next, pace.Pause, cancel))
                continue; // it has waited long enough, and nothing newer came
            if (await next is not { } line)
            {
                if (newest is not null)
                    yield return newest with { Logs = [.. logs] };
                yield break;
            }
            next = null;
            newest = Read(line, logs) ?? newest;
        }
    }

    private FalStatus? Read(ReadOnlyMemory<byte> line, List<FalLogLine> logs)
    {
        if (!line.Span.StartsWith("data:"u8))
            return null; // comments and blank lines say only that the stream lives
        var status = FalStatus.Read(JsonReading.TryParse(border.Line(line["data:".Length..]).Span));
        logs.AddRange(status.Logs.Take(FalLogLine.MaxLines - logs.Count));
        return status;
    }

    /// <returns>Whether a line came before the time was up.</returns>
    private async Task<bool> Comes(Task line, TimeSpan pause, CancellationToken cancel)
    {
        if (line.IsCompleted)
            return true;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var first = await Task.WhenAny(line, Task.Delay(pause, time, linked.Token));
        await linked.CancelAsync();
        cancel.ThrowIfCancellationRequested();
        return first == line;
    }

    private async Task<HttpResponseMessage?> Open(HttpRequestMessage request, CancellationToken cancel)
    {
        using var timeout = new CancellationTokenSource(options.Value.ReadTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancel, timeout.Token);
        try
        {
            return await http.WithKey(request, HttpCompletionOption.ResponseHeadersRead, linked.Token);
        }
        catch (Exception error) when (!cancel.IsCancellationRequested
            && error is HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            return null;
        }
    }

    private async Task<ReadOnlyMemory<byte>?> NextLine(BoundedLines lines, CancellationToken cancel)
    {
        try
        {
            return await lines.Next(cancel).WaitAsync(options.Value.StreamIdleTimeout, time, cancel);
        }
        catch (Exception error) when (!cancel.IsCancellationRequested && error is HttpRequestException or IOException or TimeoutException)
        {
            return null;
        }
    }
}
