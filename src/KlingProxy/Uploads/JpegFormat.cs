namespace KlingProxy.Uploads;

/// <summary>ITU-T T.81, annex B: segments; the frame header states the size, Exif data the rotation. Coded pixels follow each scan header.</summary>
internal static class JpegFormat
{
    private const byte End = 0xD9, Scan = 0xDA, Application1 = 0xE1;

    public static bool IsAtStart(ReadOnlySpan<byte> start) => start is [0xFF, 0xD8, 0xFF, ..];

    public static IEnumerable<Wait> Read(PassingBytes bytes, ImageReading image)
    {
        yield return PassingBytes.Skip(2);
        var hasPixels = false;
        for (var isInScan = false; ;)
        {
            yield return isInScan ? PassingBytes.SkipToMarker() : bytes.Take(1);
            if (!isInScan && bytes.Taken[0] != 0xFF)
                yield break;
            do
                yield return bytes.Take(1);
            while (bytes.Taken[0] == 0xFF); // fill bytes

            var marker = bytes.Taken[0];
            if (isInScan && IsWithinScan(marker))
                continue;
            image.EndsHere(marker == End && hasPixels);
            if (!IsSegment(marker))
                yield break;

            yield return bytes.Take(2);
            var end = bytes.Position - 2 + bytes.BigEndian16();
            if (end < bytes.Position)
                yield break;
            if (IsFrame(marker) && end - bytes.Position >= 5)
            {
                yield return bytes.Take(5); // sample precision, height, width
                image.Found(bytes.BigEndian16(3), bytes.BigEndian16(1));
                if (image.Size == default)
                    yield break;
            }
            else if (marker == Application1)
            {
                foreach (var wait in ExifOrientation.Read(bytes, image, end))
                    yield return wait;
            }
            yield return bytes.SkipTo(end);
            isInScan = marker == Scan;
            if (isInScan && image.Size == default)
                yield break;
            hasPixels |= isInScan;
        }
    }

    // A coded 0xFF, or a restart.
    private static bool IsWithinScan(byte marker) => marker is 0 or (>= 0xD0 and <= 0xD7);

    private static bool IsSegment(byte marker) => marker is >= 0xC0 and not (>= 0xD0 and <= 0xD9);

    // SOF0–SOF15, without the tables and the reserved marker that share their range.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
