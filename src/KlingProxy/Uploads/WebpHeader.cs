namespace KlingProxy.Uploads;

/// <summary>RFC 9649: a RIFF file whose first chunk is lossy (VP8), lossless (VP8L) or extended (VP8X).</summary>
internal static class WebpHeader
{
    private const uint Lossy = 0x56503820, Lossless = 0x5650384C, Extended = 0x56503858;

    public static bool IsAtStart(ReadOnlySpan<byte> start) => start.Length >= 12 && start.StartsWith("RIFF"u8) && start[8..].StartsWith("WEBP"u8);

    public static PixelSize Measure(ref HeaderBytes bytes)
    {
        bytes.Skip(12);
        var chunk = bytes.BigEndian32();
        bytes.Skip(4); // its length
        return chunk switch
        {
            Lossy => LossySize(ref bytes),
            Lossless => LosslessSize(ref bytes),
            Extended => ExtendedSize(ref bytes),
            _ => default,
        };
    }

    // RFC 6386 9.1: the frame tag, whose lowest bit is 0 for a key frame; a start code; 14 bits of size below 2 of scale.
    private static PixelSize LossySize(ref HeaderBytes bytes)
    {
        var isKeyFrame = (bytes.LittleEndian24() & 1) == 0;
        return isKeyFrame && bytes.LittleEndian24() == 0x2A019D
            ? new PixelSize(bytes.LittleEndian16() & 0x3FFFu, bytes.LittleEndian16() & 0x3FFFu)
            : default;
    }

    private static PixelSize LosslessSize(ref HeaderBytes bytes)
    {
        if (bytes.Byte() != 0x2F)
            return default;
        var bits = bytes.LittleEndian32();
        return new PixelSize((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
    }

    private static PixelSize ExtendedSize(ref HeaderBytes bytes)
    {
        bytes.Skip(4); // flags
        return new PixelSize(bytes.LittleEndian24() + 1, bytes.LittleEndian24() + 1);
    }
}
