using KlingProxy.Secrets;

namespace KlingProxy.Fal.Calls;

/// <summary>
/// Where fal's words come in. Nothing that fal says is trusted with our secret: whatever is read passes here, before anything else sees it, so that
/// nobody behind can forget to strike it out. And nothing is read without a bound.
/// </summary>
internal sealed class FalBorder(Redaction redaction)
{
    /// <summary>Of one whole reply, in bytes. fal's are a few kilobytes; a page of its records, or logs, may be some hundred.</summary>
    public const int MaxReply = 1024 * 1024;

    /// <summary>For the one call whose replies may be larger.</summary>
    public static readonly HttpRequestOptionsKey<int> Larger = new("fal-max-reply");

    /// <summary>Headers only. What is struck out of them leaves a trace: a request id that must not be seen is still a request.</summary>
    public HttpResponseMessage Heads(HttpResponseMessage reply)
    {
        reply.ReasonPhrase = null;
        Clean(reply.Headers);
        Clean(reply.Content.Headers);
        return reply;
    }

    /// <exception cref="HttpRequestException">It is longer than may be.</exception>
    public async Task<HttpResponseMessage> Whole(HttpResponseMessage reply, CancellationToken cancel)
    {
        Heads(reply);
        var limit = reply.RequestMessage is { } request && request.Options.TryGetValue(Larger, out var larger) ? larger : MaxReply;
        await reply.Content.LoadIntoBufferAsync(limit, cancel);
        var body = await reply.Content.ReadAsByteArrayAsync(cancel);
        var clean = StruckJson.Known(body, redaction);
        if (!clean.Equals(body))
        {
            reply.Content.Dispose();
            reply.Content = new ReadOnlyMemoryContent(clean); // its own headers described what is gone
        }
        return reply;
    }

    /// <summary>One line of a stream.</summary>
    public ReadOnlyMemory<byte> Line(ReadOnlyMemory<byte> json) => StruckJson.Known(json, redaction);

    private void Clean(System.Net.Http.Headers.HttpHeaders headers)
    {
        foreach (var (name, values) in headers.NonValidated.ToList())
        {
            if (!redaction.Holds(name) && !values.Any(redaction.Holds))
                continue;
            headers.Remove(name);
            if (!redaction.Holds(name))
                headers.TryAddWithoutValidation(name, Redaction.Mask);
        }
    }
}
