namespace KlingProxy.Uploads.Formats;

/// <summary>
/// GIF89a, 15 to 27: the signature, the logical screen, then blocks until the trailer. There is no rotation. A picture ends with its first frame, which
/// is all that a model looks at: whatever follows it, a frame that is cut off among others, takes nothing away.
/// </summary>
internal static class GifFormat
{
    public const byte Extension = 0x21, Image = 0x2C;

    public static bool IsAtStart(ReadOnlySpan<byte> start) => start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8);

    public static IEnumerable<Wait> Read(PassingBytes bytes, IImageFindings image)
    {
        yield return bytes.Take(13);
        var (width, height) = (bytes.LittleEndian16(6), bytes.LittleEndian16(8));
        yield return PassingBytes.Skip(ColorTable(bytes.Taken[10]));
        while (true)
        {
            yield return bytes.Take(1);
            switch (bytes.Taken[0])
            {
                case Extension:
                    yield return PassingBytes.Skip(1); // its label
                    break;
                case Image:
                    yield return bytes.Take(9);
                    // Decoders enlarge a screen on which the first frame has no room.
                    image.Found(Math.Max(width, Sum(bytes, 0, 4)), Math.Max(height, Sum(bytes, 2, 6)));
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
            if (image.Size != default)
            {
                image.EndsHere(true);
                yield break;
            }
        }
    }

    private static uint Sum(PassingBytes bytes, int one, int other) => (uint)bytes.LittleEndian16(one) + bytes.LittleEndian16(other);

    /// <returns>In bytes: three for each of 2 to 256 colours, where the flag says that there is a table.</returns>
    public static int ColorTable(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
}
