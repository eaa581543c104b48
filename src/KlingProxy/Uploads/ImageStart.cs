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

    /// <summary>Whether these bytes are the whole file.</summary>
    public bool IsAll { get; private set; }

    /// <summary>Has read these bytes, and is to be given the rest.</summary>
    public ImageReading Image { get; private set; } = null!;

    /// <summary>Throws what reading <paramref name="image"/> throws.</summary>
    public static async Task<ImageStart> Read(Stream image, CancellationToken cancel)
    {
        var start = new ImageStart();
        try
        {
            await start.Fill(image, Window, cancel);
            start.Image = new ImageReading(start.Bytes.Span);
            while (start is { IsAll: false, Image.IsUndecided: true, length: < LargestWindow })
            {
                var known = start.length;
                await start.Fill(image, known * 2, cancel);
                start.Image.Read(start.Bytes.Span[known..]);
            }
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

    private async Task Fill(Stream image, int window, CancellationToken cancel)
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
        IsAll = read < missing;
    }
}
