using System.Buffers;

using KlingProxy.Http.Pieces;
using KlingProxy.Http.Problems;

namespace KlingProxy.Http.Bodies;

/// <summary>
/// A body that is read up to a limit. Counted here and not by the server, which would cut the connection where its own limit ends: the
/// sender of a little too much would see a broken connection, and not the reason.
/// </summary>
internal static class BoundedBody
{
    /// <summary>In bytes; whatever is no larger has one of many places, and seconds to come.</summary>
    public const int Small = 64 * 1024;

    /// <summary>In bytes; of a body that is small, or has not yet turned out to be large.</summary>
    private const int Portion = 16 * 1024;

    /// <summary>For a sender that is known not to send many.</summary>
    /// <param name="limit">In bytes.</param>
    /// <returns>All of it; <c>null</c> when it is longer than <paramref name="limit"/>.</returns>
    public static async Task<ReadOnlyMemory<byte>?> Read(HttpRequest request, long limit, CancellationToken cancel)
    {
        if (request.ContentLength > limit)
            return null;
        using var body = Room(request);
        return await Pass(request, limit, Into(body), cancel) ? Of(body) : default(ReadOnlyMemory<byte>?);
    }

    /// <summary>The same for anybody, with a place.</summary>
    /// <returns>All of it, or why it must not be read; neither when it is longer than <paramref name="limit"/>.</returns>
    public static async Task<(ReadOnlyMemory<byte>? Body, Refusal? Refusal)> Read(HttpRequest request, long limit, IBodyPlaces places, CancellationToken cancel)
    {
        MemoryStream? body = null; // none before there is a place for it
        var (isWhole, refusal) = await Pass(request, limit, places, (part, stop) => Into(body ??= Room(request))(part, stop), cancel);
        return (isWhole ? body is null ? ReadOnlyMemory<byte>.Empty : Of(body) : default(ReadOnlyMemory<byte>?), refusal);
    }

    /// <summary>
    /// Hands a body on as it comes, with a place. One that turns out to be large asks for another: what comes in chunks says nothing beforehand.
    /// </summary>
    /// <param name="take">Whether it can take more.</param>
    /// <returns>Why it must not be read; <c>null</c> when it was, or was longer than <paramref name="limit"/> or than somebody could take.</returns>
    public static async Task<(bool IsWhole, Refusal? Refusal)> Pass(
        HttpRequest request, long limit, IBodyPlaces places, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<bool>> take, CancellationToken cancel)
    {
        if (request.ContentLength > limit)
            return (false, null);
        if (await (request.ContentLength > Small ? places.Enter(request.HttpContext, cancel) : places.EnterSmall(request.HttpContext, cancel)) is { } full)
            return (false, full);
        if (request.ContentLength is not null)
            return (await Pass(request, limit, take, cancel), null);

        Refusal? refusal = null;
        long read = 0;
        var isWhole = await Pass(request, limit, async (part, stop) =>
        {
            var isFirstBeyond = read <= Small && read + part.Length > Small;
            read += part.Length;
            return (!isFirstBeyond || (refusal = await places.Enter(request.HttpContext, stop)) is null) && await take(part, stop);
        }, cancel);
        return (isWhole, refusal);
    }

    // As promised and allowed: growing would copy it again and again.
    private static MemoryStream Room(HttpRequest request) => new((int)(request.ContentLength ?? 0));

    private static ReadOnlyMemory<byte> Of(MemoryStream body) => new(body.GetBuffer(), 0, (int)body.Length);

    private static Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<bool>> Into(MemoryStream body) => (part, _) =>
    {
        body.Write(part.Span);
        return ValueTask.FromResult(true);
    };

    private static async Task<bool> Pass(
        HttpRequest request, long limit, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask<bool>> take, CancellationToken cancel)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Portion);
        Piece? piece = null;
        try
        {
            long length = 0;
            while (await request.Body.ReadAsync(piece?.Memory ?? buffer, cancel) is > 0 and var read)
            {
                length += read;
                if (length > limit || !await take((piece?.Memory ?? buffer)[..read], cancel))
                    return false;
                if (length > Small)
                    piece ??= new Piece(); // by now it has a place for large ones, or comes from somebody who sends few
            }
            return true;
        }
        finally
        {
            piece?.Dispose();
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
