namespace KlingProxy.Uploads.Formats;

/// <summary>
/// PNG (third edition) 5 and 11: the signature, then chunks, IHDR first and IEND last. An animated PNG has the size of its canvas. Checksums are not
/// checked: decoders show the pixels of a file whose texts are damaged.
/// </summary>
internal static class PngFormat
{
    private const uint Ihdr = 0x49484452, Idat = 0x49444154, Iend = 0x49454E44, Exif = 0x65584966;
    private const int IhdrLength = 13, Crc = 4;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool IsAtStart(ReadOnlySpan<byte> start) => start.StartsWith(Signature);

    public static IEnumerable<Wait> Read(PassingBytes bytes, IImageFindings image)
    {
        yield return PassingBytes.Skip(Signature.Length);
        yield return bytes.Take(16);
        if (bytes.BigEndian32() != IhdrLength || bytes.BigEndian32(4) != Ihdr)
            yield break;
        image.Found(bytes.BigEndian32(8), bytes.BigEndian32(12));
        yield return PassingBytes.Skip(IhdrLength - 8 + Crc);

        var hasPixels = false;
        for (uint chunk = 0; chunk != Iend;)
        {
            yield return bytes.Take(8);
            chunk = bytes.BigEndian32(4);
            var end = bytes.Position + bytes.BigEndian32();
            hasPixels |= chunk == Idat && end > bytes.Position;
            if (chunk == Exif)
            {
                foreach (var wait in ExifOrientation.Read(bytes, image, end))
                    yield return wait;
            }
            yield return bytes.SkipTo(end + Crc);
        }
        image.EndsHere(hasPixels);
    }
}
