namespace KlingProxy.Jobs.Reading;

/// <summary>What every stream of events says to those between us and its reader, and to the reader about coming back.</summary>
internal static class EventStream
{
    /// <summary>When to reconnect after a break, in whole milliseconds. Another for each stream: a restart breaks all of them at once.</summary>
    public static TimeSpan Retry => TimeSpan.FromMilliseconds(Random.Shared.Next(1000, 6000));

    /// <summary>Nobody on the way may hold events back: not nginx, and not a development server's compression, which collects until it pays.</summary>
    public static void Describe(HttpResponse response)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache, no-transform";
        response.Headers.Pragma = "no-cache";
        response.Headers.ContentEncoding = "identity";
        response.Headers["X-Accel-Buffering"] = "no";
    }
}
