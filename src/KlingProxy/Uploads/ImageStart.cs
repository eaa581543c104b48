using System.Buffers;

namespace KlingProxy.Uploads;

/// <summary>The first bytes of an image, as many as it takes to know what it is.</summary>
internal sealed class ImageStart : IDisposable
{
    /// <summary>In bytes. Enough for all but JPEGs that begin with a preview or a large colour profile.</summary>
    public const int Window = 64 * 1024;

    /// <summary>In bytes; the most that is ever held of one image. EXIF, XMP and a colour profile of a camera fit; more before the picture is no picture.</summary>
    public const int LargestWindow = 512 * 1024;

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(Window);
    private int length;

    private ImageStart()
    {
    }

    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

    public ImageHeader Header { get; private set; }

    /// <summary>Throws what reading <paramref name="image"/> throws.</summary>
    public static async Task<ImageStart> Read(Stream image, CancellationToken cancel)
    {
        var start = new ImageStart();
        try
        {
            var window = Window;
            while (await start.Fill(image, window, cancel) && start.Header.IsIncomplete && window < LargestWindow)
                window *= 2;
            return start;
        }
        catch
        {
            start.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(buffer);
        (buffer, length) = ([], 0);
    }

    /// <returns>Whether the image may go on.</returns>
    private async Task<bool> Fill(Stream image, int window, CancellationToken cancel)
    {
        if (buffer.Length < window)
        {
            var larger = ArrayPool<byte>.Shared.Rent(window);
            Bytes.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
        var missing = window - length;
        var read = await image.ReadAtLeastAsync(buffer.AsMemory(length, missing), missing, throwOnEndOfStream: false, cancel);
        length += read;
        Header = ImageHeader.Read(Bytes.Span);
        return read == missing;
    }
}
