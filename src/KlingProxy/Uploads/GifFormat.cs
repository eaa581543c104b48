namespace KlingProxy.Uploads;

/// <summary>GIF89a, 15 to 27: the signature, the logical screen, then blocks until the trailer. There is no rotation.</summary>
internal static class GifFormat
{
    private const byte Extension = 0x21, Image = 0x2C, Trailer = 0x3B;

    public static bool IsAtStart(ReadOnlySpan<byte> start) => start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8);

    public static IEnumerable<Wait> Read(PassingBytes bytes, ImageReading image)
    {
        yield return bytes.Take(13);
        image.Found(bytes.LittleEndian16(6), bytes.LittleEndian16(8));
        yield return PassingBytes.Skip(ColorTable(bytes.Taken[10]));
        var hasPixels = false;
        while (true)
        {
            yield return bytes.Take(1);
            switch (bytes.Taken[0])
            {
                case Trailer:
                    image.EndsHere(hasPixels);
                    yield break;
                case Extension:
                    yield return PassingBytes.Skip(1); // its label
                    break;
                case Image:
                    hasPixels = true;
                    yield return bytes.Take(9);
                    yield return PassingBytes.Skip(ColorTable(bytes.Taken[8]) + 1); // and the code size
                    break;
                default:
                    yield break;
            }
            do
            {
                yield return bytes.Take(1);
                yield return PassingBytes.Skip(bytes.Taken[0]);
            }
            while (bytes.Taken[0] != 0);
        }
    }

    // In bytes: three for each of 2 to 256 colours, where the flag says that there is a table.
    private static int ColorTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
}
