namespace KlingProxy.Uploads;

/// <summary>GIF89a, 17 and 18: the signature, then the logical screen.</summary>
internal static class GifHeader
{
    public static bool IsAtStart(ReadOnlySpan<byte> start) => start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8);

    public static PixelSize Measure(ref HeaderBytes bytes)
    {
        bytes.Skip(6);
        return new PixelSize(bytes.LittleEndian16(), bytes.LittleEndian16());
    }
}
