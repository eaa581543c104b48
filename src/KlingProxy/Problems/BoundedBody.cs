using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Problems;

/// <summary>
/// A body that is read up to a limit. Counted here and not by the server, which would cut the connection where its own limit ends: the
/// sender of a little too much would see a broken connection, and not the reason.
/// </summary>
internal static class BoundedBody
{
    /// <summary>In bytes; whatever is no larger is read without asking for a place.</summary>
    public const int Small = 64 * 1024;

    private const int Portion = 16 * 1024;

    /// <param name="limit">In bytes.</param>
    /// <returns>All of it; <c>null</c> when it is longer than <paramref name="limit"/>.</returns>
    public static async Task<ReadOnlyMemory<byte>?> Read(HttpRequest request, long limit, CancellationToken cancel)
    {
        if (request.ContentLength > limit)
            return null;
        using var body = new MemoryStream((int)(request.ContentLength ?? 0)); // as promised and allowed: growing would copy it again and again
        var isWhole = await Pass(request, limit, (part, _) =>
        {
            body.Write(part.Span);
            return ValueTask.FromResult(true);
        }, cancel);
        return isWhole ? new ReadOnlyMemory<byte>(body.GetBuffer(), 0, (int)body.Length) : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>Hands a body on as it comes. One that says that it is large, or turns out to be, asks for a place first: what comes in chunks says nothing beforehand.</summary>
    /// <param name="take">Whether it can take more.</param>
    /// <returns>Why it must not be read; <c>null</c> when it was, or was longer than <paramref name="limit"/> or than somebody could take.</returns>
    public static async Task<(bool IsWhole, ProblemHttpResult? Refusal)> Pass(
        HttpRequest request, long limit, IBodyPlaces places, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<bool>> take, CancellationToken cancel)
    {
        if (request.ContentLength > limit)
            return (false, null);
        if (request.ContentLength > Small && await places.Enter(request.HttpContext, cancel) is { } full)
            return (false, full);
        if (request.ContentLength is not null)
            return (await Pass(request, limit, take, cancel), null);

        ProblemHttpResult? refusal = null;
        long read = 0;
        var isWhole = await Pass(request, limit, async (part, stop) =>
        {
            var isFirstBeyond = read <= Small && read + part.Length > Small;
            read += part.Length;
            return (!isFirstBeyond || (refusal = await places.Enter(request.HttpContext, stop)) is null) && await take(part, stop);
        }, cancel);
        return (isWhole, refusal);
    }

    private static async Task<bool> Pass(HttpRequest request, long limit, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<bool>> take, CancellationToken cancel)
    {
        var buffer = new byte[Portion];
        long length = 0;
        while (await request.Body.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            length += read;
            if (length > limit || !await take(buffer.AsMemory(0, read), cancel))
                return false;
        }
        return true;
    }
}
