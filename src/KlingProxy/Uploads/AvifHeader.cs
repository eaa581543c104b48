using System.Buffers.Binary;

namespace KlingProxy.Uploads;

/// <summary>ISO/IEC 14496-12 and 23008-12: boxes; the sizes of all images in the file are properties in meta → iprp → ipco.</summary>
internal static class AvifHeader
{
    private const uint Ftyp = 0x66747970, Meta = 0x6D657461, Iprp = 0x69707270, Ipco = 0x6970636F, Ispe = 0x69737065;
    private const uint Still = 0x61766966, Sequence = 0x61766973; // avif, avis

    /// <summary>Of a box, in bytes: far above any image, far below an overflow.</summary>
    private const ulong LargestBox = 1UL << 40;

    public static bool IsAtStart(ReadOnlySpan<byte> start)
    {
        if (start.Length < 16 || Word(start[4..]) != Ftyp)
            return false;
        // The major brand, a version (which is no brand's name), and the brands that it is compatible with.
        for (var brands = start[8..(int)Math.Clamp(Word(start), 8, (uint)start.Length)]; brands.Length >= 4; brands = brands[4..])
        {
            if (Word(brands) is Still or Sequence)
                return true;
        }
        return false;
    }

    public static PixelSize Measure(ref HeaderBytes bytes)
    {
        // Thumbnails, tiles of a grid and alpha planes have sizes too; none is larger than the image itself.
        var largest = default(PixelSize);
        var end = long.MaxValue;
        while (!bytes.RanOut && bytes.Position < end)
        {
            var type = Box(ref bytes, out var length);
            if (length < 0)
                return default;
            switch (type)
            {
                case Meta:
                    bytes.Skip(4); // version and flags; then boxes, as in the next one
                    break;
                case Iprp:
                    break;
                case Ipco:
                    end = bytes.Position + length;
                    break;
                case Ispe when length >= 12:
                    bytes.Skip(4);
                    var size = new PixelSize(bytes.BigEndian32(), bytes.BigEndian32());
                    largest = size.Area > largest.Area ? size : largest;
                    bytes.Skip(length - 12);
                    break;
                default:
                    bytes.Skip(length);
                    break;
            }
        }
        return largest;
    }

    /// <param name="length">Of the content, in bytes; negative when the box is broken or ends with the file, after which nothing follows.</param>
    private static uint Box(ref HeaderBytes bytes, out long length)
    {
        ulong whole = bytes.BigEndian32();
        var type = bytes.BigEndian32();
        var header = 8u;
        if (whole == 1)
            (whole, header) = (bytes.BigEndian64(), 16u);

        length = whole >= header && whole <= LargestBox ? (long)(whole - header) : -1;
        return type;
    }

    private static uint Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
