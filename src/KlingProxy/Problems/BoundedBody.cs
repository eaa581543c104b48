namespace KlingProxy.Problems;

/// <summary>
/// A body that is read whole, up to a limit. Counted here and not by the server, which would cut the connection where its own limit ends: the
/// sender of a little too much would see a broken connection, and not the reason.
/// </summary>
internal static class BoundedBody
{
    /// <param name="limit">In bytes.</param>
    /// <returns><c>null</c> when it is longer than <paramref name="limit"/>.</returns>
    public static async Task<ReadOnlyMemory<byte>?> Read(HttpRequest request, long limit, CancellationToken cancel)
    {
        if (request.ContentLength > limit)
            return null;
        using var body = new MemoryStream((int)(request.ContentLength ?? 0)); // as promised and allowed: growing would copy it again and again
        var buffer = new byte[16 * 1024];
        while (await request.Body.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            if (body.Length + read > limit)
                return null;
            body.Write(buffer, 0, read);
        }
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }
}
