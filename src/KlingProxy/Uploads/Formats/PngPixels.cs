using System.Buffers.Binary;
using System.IO.Compression;

using KlingProxy.Uploads.Keeping;

namespace KlingProxy.Uploads.Formats;

/// <summary>Counts what a PNG's pixel data unpacks to (third edition, 7 to 10), for a file without IEND, or with a chunk that is none.</summary>
internal static class PngPixels
{
    /// <summary>In bytes, unpacked; a third of a second. Whoever wants more counted may save the file again.</summary>
    private const long Max = 256 * 1024 * 1024;

    public static bool AreIn(Stream png)
    {
        Span<byte> start = stackalloc byte[8 + 8 + 13 + 4];
        if (png.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length)
            return false;
        var missing = Unpacked(start[16..]);
        if (missing > Max)
            return false;

        using var pixels = new ZLibStream(new ImageData(png), CompressionMode.Decompress);
        var buffer = new byte[32 * 1024];
        try
        {
            while (missing > 0 && pixels.Read(buffer) is > 0 and var read)
                missing -= read;
        }
        catch (InvalidDataException)
        {
            return false; // damaged, or cut off
        }
        return missing <= 0;
    }

    // Each line is padded to whole bytes, and begins with one that names its filter. An interlaced image is seven smaller ones.
    private static long Unpacked(ReadOnlySpan<byte> ihdr)
    {
        var (width, height) = (BinaryPrimitives.ReadUInt32BigEndian(ihdr), BinaryPrimitives.ReadUInt32BigEndian(ihdr[4..]));
        long bits = ihdr[8] * (ihdr[9] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 });
        if (ihdr[12] == 0)
            return Lines(width, height);
        var bytes = 0L;
        foreach (var (x, y, stepX, stepY) in ((uint, uint, uint, uint)[])[(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
            (0, 1, 1, 2)])
            bytes += Lines((width + stepX - 1 - x) / stepX, (height + stepY - 1 - y) / stepY);
        return bytes;

        long Lines(uint pixels, uint lines) => pixels == 0 ? 0 : lines * (1 + (((pixels * bits) + 7) / 8));
    }

    /// <summary>What stands in the IDAT chunks, one behind another.</summary>
    private sealed class ImageData(Stream png) : ForwardStream
    {
        private long left;
        private bool isFirst = true, isOver;

        public override int Read(Span<byte> buffer)
        {
            while (left == 0 && !isOver)
                Next();
            var read = png.Read(buffer[..(int)Math.Min(left, buffer.Length)]);
            left -= read;
            return read;
        }

        private void Next()
        {
            Span<byte> head = stackalloc byte[12];
            var bytes = isFirst ? head[..8] : head; // the checksum of the one before, length and type
            isFirst = false;
            if (png.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            {
                isOver = true;
                return;
            }
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[^8..]);
            if (bytes[^4..].SequenceEqual("IDAT"u8))
                left = length;
            else
                Skip(length);
        }

        private void Skip(long length)
        {
            Span<byte> passed = stackalloc byte[512];
            while (length > 0 && png.Read(passed[..(int)Math.Min(length, passed.Length)]) is > 0 and var read)
                length -= read;
        }
    }
}
