namespace KlingProxy.Uploads.Formats.Jpeg;

/// <summary>
/// ITU-T T.81, annex B: segments; the frame header states the size, Exif data the rotation. Coded pixels follow each scan header. As forgiving as
/// libjpeg's <c>next_marker</c>: what stands between two segments is passed over.
/// </summary>
internal static class JpegFormat
{
    private const byte End = 0xD9, Scan = 0xDA, Application1 = 0xE1;

    public static bool IsAtStart(ReadOnlySpan<byte> start) => start is [0xFF, 0xD8, 0xFF, ..];

    public static IEnumerable<Wait> Read(PassingBytes bytes, IImageFindings image)
    {
        yield return PassingBytes.Skip(2);
        var hasPixels = false;
        while (true)
        {
            yield return PassingBytes.SkipToMarker();
            do
                yield return bytes.Take(1);
            while (bytes.Taken[0] == 0xFF); // fill bytes

            var marker = bytes.Taken[0];
            if (marker == End)
            {
                image.EndsHere(hasPixels);
                yield break;
            }
            if (!hasPixels && marker is > 1 and < 0xC0)
                yield break; // reserved: here decoders give up, among pixels they do not
            if (!IsSegment(marker))
                continue; // a coded 0xFF, a restart, or nothing

            yield return bytes.Take(2);
            var end = bytes.Position - 2 + bytes.BigEndian16();
            if (IsFrame(marker) && end - bytes.Position >= 5)
            {
                yield return bytes.Take(5); // sample precision, height, width
                image.Found(bytes.BigEndian16(3), bytes.BigEndian16(1));
                if (image.Size == default)
                    yield break; // the height would follow the first scan (DNL): no decoder reads that
            }
            else if (marker == Application1)
            {
                foreach (var wait in ExifOrientation.Read(bytes, image, end))
                    yield return wait;
            }
            yield return bytes.SkipTo(end);
            if (marker == Scan && image.Size == default)
                yield break;
            hasPixels |= marker == Scan;
        }
    }

    private static bool IsSegment(byte marker) => marker is >= 0xC0 and not (>= 0xD0 and <= 0xD9);

    // SOF0–SOF15, without the tables and the reserved marker that share their range.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
}
