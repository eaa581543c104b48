namespace KlingProxy.Uploads;

/// <summary>ITU-T T.81, annex B: segments, until the frame header states the size. EXIF data and colour profiles may come before it.</summary>
internal static class JpegHeader
{
    public static bool IsAtStart(ReadOnlySpan<byte> start) => start is [0xFF, 0xD8, 0xFF, ..];

    public static PixelSize Measure(ref HeaderBytes bytes)
    {
        bytes.Skip(2);
        while (!bytes.RanOut)
        {
            if (bytes.Byte() != 0xFF)
                return default;
            var marker = bytes.Byte();
            while (marker == 0xFF) // fill bytes
                marker = bytes.Byte();

            // Below SOF0 and from RST0 to SOS: nothing that may stand before a frame header.
            if (marker is < 0xC0 or (>= 0xD0 and <= 0xDA))
                return default;
            var length = bytes.BigEndian16();
            if (IsFrame(marker))
                return Frame(ref bytes);
            if (length < 2)
                return default;
            bytes.Skip(length - 2);
        }
        return default;
    }

    private static PixelSize Frame(ref HeaderBytes bytes)
    {
        bytes.Skip(1); // sample precision
        var height = bytes.BigEndian16();
        return new PixelSize(bytes.BigEndian16(), height);
    }

    // SOF0–SOF15, without the tables and the reserved marker that share their range.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
