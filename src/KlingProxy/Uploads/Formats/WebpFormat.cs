namespace KlingProxy.Uploads.Formats;

/// <summary>
/// RFC 9649: a RIFF file with lossy (VP8), lossless (VP8L) or animated (ANMF) pixels, behind a header (VP8X) where there is more than those. Exif data
/// follows the pixels. Where the whole is shorter than it says, or longer, the lengths of the chunks count.
/// </summary>
internal static class WebpFormat
{
    private const uint Lossy = 0x56503820, Lossless = 0x5650384C, Extended = 0x56503858, Frame = 0x414E4D46, Exif = 0x45584946;

    public static bool IsAtStart(ReadOnlySpan<byte> start) => start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8);

    public static IEnumerable<Wait> Read(PassingBytes bytes, IImageFindings image)
    {
        yield return bytes.Take(12);
        var fileEnd = bytes.LittleEndian32(4) + 8L;
        while (bytes.Position < fileEnd || !image.IsWhole)
        {
            yield return bytes.Take(8);
            var (chunk, length) = (bytes.BigEndian32(), bytes.LittleEndian32(4));
            var end = bytes.Position + length;
            switch (chunk)
            {
                case Lossy when image.Size == default:
                    yield return bytes.Take(10);
                    if (!MeasureLossy(bytes, image))
                        yield break;
                    break;
                case Lossless when image.Size == default:
                    yield return bytes.Take(5);
                    if (bytes.Taken[0] != 0x2F)
                        yield break;
                    image.Found((bytes.LittleEndian32(1) & 0x3FFF) + 1, ((bytes.LittleEndian32(1) >> 14) & 0x3FFF) + 1);
                    break;
                case Extended when image.Size == default:
                    yield return bytes.Take(10); // flags, width, height
                    image.Found(bytes.LittleEndian24(4) + 1, bytes.LittleEndian24(7) + 1);
                    break;
                case Exif:
                    foreach (var wait in ExifOrientation.Read(bytes, image, end))
                        yield return wait;
                    break;
            }
            if (chunk is Lossy or Lossless or Frame && length > 0)
            {
                if (end > fileEnd)
                    yield break; // pixels outside the file: no decoder takes that
                image.EndsAt(end);
            }
            yield return bytes.SkipTo(end + (length & 1)); // padded to an even length
        }
    }

    // RFC 6386 9.1: the frame tag, whose lowest bit is 0 for a key frame; a start code; 14 bits of size below 2 of scale.
    private static bool MeasureLossy(PassingBytes bytes, IImageFindings image)
    {
        if ((bytes.Taken[0] & 1) != 0 || bytes.Taken[3..6] is not [0x9D, 0x01, 0x2A])
            return false;
        image.Found(bytes.LittleEndian16(6) & 0x3FFFu, bytes.LittleEndian16(8) & 0x3FFFu);
        return true;
    }
}
