namespace KlingProxy.Uploads;

/// <summary>PNG (third edition) 5.2 and 11.2.1: the signature, then IHDR, always.</summary>
internal static class PngHeader
{
    private const uint Ihdr = 0x49484452;
    private const int IhdrLength = 13;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static bool IsAtStart(ReadOnlySpan<byte> start) => start.StartsWith(Signature);

    public static PixelSize Measure(ref HeaderBytes bytes)
    {
        bytes.Skip(Signature.Length);
        return bytes.BigEndian32() == IhdrLength && bytes.BigEndian32() == Ihdr
            ? new PixelSize(bytes.BigEndian32(), bytes.BigEndian32())
            : default;
    }
}
