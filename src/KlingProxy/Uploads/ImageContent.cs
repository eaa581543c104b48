using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;

using KlingProxy.Catalog;

namespace KlingProxy.Uploads;

/// <summary>
/// An image on its way out: what was read of it, then the rest, counted, hashed and read as it passes. Its last byte is held back until all
/// is known to be right; else sending breaks off before its end, so that storage never holds it whole.
/// </summary>
internal sealed class ImageContent : HttpContent
{
    /// <summary>How long storage may take for one chunk, or for its answer after the last.</summary>
    public static readonly TimeSpan StorageTimeout = TimeSpan.FromSeconds(30);

    /// <summary>In bytes.</summary>
    private const int ChunkSize = 32 * 1024;

    private readonly ImageStart start;
    private readonly IncomingImage image;
    private readonly ImageLimits limits;
    private readonly CancellationTokenSource patience;
    private readonly byte[] last = new byte[1];
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <param name="patience">Ends the sending when storage keeps us waiting. Its clock stands still while we wait for the caller, whose slowness is the server's to judge.</param>
    public ImageContent(ImageStart start, IncomingImage image, ImageLimits limits, CancellationTokenSource patience)
    {
        (this.start, this.image, this.limits, this.patience) = (start, image, limits, patience);
        Headers.ContentType = new MediaTypeHeaderValue(start.Image.Format!.MediaType);
    }

    /// <summary>In bytes, so far.</summary>
    public long Passed { get; private set; }

    /// <summary>In lower-case hexadecimal; <c>null</c> until all of the image has been sent and nothing was wrong with it.</summary>
    public string? Sha256 { get; private set; }

    /// <summary>Why sending broke off, where it was the caller's doing.</summary>
    public ImageRefusal? Refusal { get; private set; }

    protected override bool TryComputeLength(out long length)
    {
        length = image.Length ?? 0;
        return image.Length is not null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkSize);
        try
        {
            await Send(stream, start.Bytes, cancellationToken);
            while (await Receive(chunk, cancellationToken) is > 0 and var read)
            {
                start.Image.Read(chunk.AsSpan(0, read));
                await Send(stream, chunk.AsMemory(0, read), cancellationToken);
            }
            if ((JudgeImage.AtEnd(start.Image, Passed, limits) ?? await image.End(cancellationToken)) is { } refusal)
                throw BreakOff(refusal);
            await stream.WriteAsync(last, cancellationToken);
            Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    protected override void Dispose(bool disposing)
    {
        hash.Dispose();
        base.Dispose(disposing);
    }

    private async Task<int> Receive(byte[] chunk, CancellationToken cancel)
    {
        patience.CancelAfter(Timeout.InfiniteTimeSpan);
        try
        {
            return await image.Bytes.ReadAsync(chunk, cancel);
        }
        catch (Exception failure) when (ImageRefusal.Of(failure, limits) is { } refusal)
        {
            throw BreakOff(refusal);
        }
        finally
        {
            patience.CancelAfter(StorageTimeout);
        }
    }

    private async Task Send(Stream storage, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
    {
        if (Passed + bytes.Length > limits.MaxBytes)
            throw BreakOff(ImageRefusal.TooLarge(limits));
        hash.AppendData(bytes.Span);
        if (Passed > 0)
            await storage.WriteAsync(last, cancel);
        await storage.WriteAsync(bytes[..^1], cancel);
        bytes[^1..].CopyTo(last);
        Passed += bytes.Length;
    }

    private IOException BreakOff(ImageRefusal refusal)
    {
        Refusal = refusal;
        return new IOException("The image was refused on its way.");
    }
}
