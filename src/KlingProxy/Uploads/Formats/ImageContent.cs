using System.Net;
using System.Net.Http.Headers;

using KlingProxy.Http.Pieces;
using KlingProxy.Uploads.Keeping;

namespace KlingProxy.Uploads.Formats;

/// <summary>An image on its way out, of a length that storage is told beforehand.</summary>
internal sealed class ImageContent : HttpContent
{
    /// <summary>How long storage may take for one piece, or for its answer after the last.</summary>
    public static readonly TimeSpan StorageTimeout = TimeSpan.FromSeconds(30);

    private readonly HeldImage image;
    private readonly CancellationTokenSource timeout;

    /// <param name="timeout">Ends the sending when storage keeps us waiting; it is wound up again with each piece.</param>
    public ImageContent(HeldImage image, CancellationTokenSource timeout)
    {
        (this.image, this.timeout) = (image, timeout);
        Headers.ContentType = new MediaTypeHeaderValue(image.Image.Format!.MediaType);
    }

    /// <summary>The last byte was handed on, if it may not have left: before that storage has nothing that it could keep.</summary>
    public bool MayBeWhole { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = image.Length;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var piece = new Piece();
        await using var bytes = image.Read();
        var left = image.Length;
        while (await bytes.ReadAsync(piece.Memory, cancellationToken) is > 0 and var read)
        {
            MayBeWhole |= (left -= read) <= 0;
            await stream.WriteAsync(piece.Memory[..read], cancellationToken);
            timeout.CancelAfter(StorageTimeout);
        }
    }
}
