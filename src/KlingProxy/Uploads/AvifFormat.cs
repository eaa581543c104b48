using System.Buffers.Binary;

namespace KlingProxy.Uploads;

/// <summary>
/// ISO/IEC 14496-12 and 23008-12: boxes. meta says which item is the image (pitm), lists properties (iprp → ipco) and which item has which (ipma).
/// Exif data in here does not turn the image (MIAF 7.3.10): irot does.
/// </summary>
internal static class AvifFormat
{
    private const uint Ftyp = 0x66747970, Meta = 0x6D657461, Pitm = 0x7069746D, Iprp = 0x69707270, Ipco = 0x6970636F, Ipma = 0x69706D61, Mdat = 0x6D646174, Idat = 0x69646174;
    private const uint Still = 0x61766966, Sequence = 0x61766973; // avif, avis

    /// <summary>Of a box, in bytes: far above any image, far below an overflow.</summary>
    private const ulong LargestBox = 1UL << 40;

    public static bool IsAtStart(ReadOnlySpan<byte> start)
    {
        if (start.Length < 16 || Word(start[4..]) != Ftyp)
            return false;
        // The major brand, a version (which is no brand's name), and the brands that it is compatible with.
        for (var brands = start[8..(int)Math.Clamp(Word(start), 8, (uint)start.Length)]; brands.Length >= 4; brands = brands[4..])
        {
            if (Word(brands) is Still or Sequence)
                return true;
        }
        return false;
    }

    public static IEnumerable<Wait> Read(PassingBytes bytes, ImageReading image)
    {
        var (properties, metaEnd, listEnd, hasPixels) = (new AvifProperties(image), 0L, 0L, false);
        while (true)
        {
            image.EndsHere(hasPixels && image.Size != default && bytes.Position >= metaEnd); // between two boxes, and not within a list of them
            yield return bytes.Take(8);
            image.EndsHere(false);
            var (start, whole, type) = (bytes.Position - 8, (ulong)bytes.BigEndian32(), bytes.BigEndian32(4));
            if (whole == 1)
            {
                yield return bytes.Take(8);
                whole = bytes.BigEndian64();
            }
            else if (whole == 0)
            {
                image.EndsHere(type == Mdat && image.Size != default); // reaches to wherever the file ends
                yield break;
            }
            var end = start + (long)Math.Min(whole, LargestBox);
            if (end < bytes.Position)
                yield break;

            if (start < listEnd)
            {
                foreach (var wait in properties.ReadNext(bytes, type, end))
                    yield return wait;
            }
            switch (type)
            {
                case Meta:
                    metaEnd = end;
                    yield return PassingBytes.Skip(4); // version and flags; then boxes, as in the next two
                    continue;
                case Iprp:
                    continue;
                case Ipco:
                    listEnd = end;
                    continue;
                case Pitm:
                    foreach (var wait in properties.ReadPrimary(bytes, end))
                        yield return wait;
                    break;
                case Ipma:
                    foreach (var wait in properties.ReadOwners(bytes, end))
                        yield return wait;
                    break;
                case Mdat or Idat when end > bytes.Position:
                    hasPixels = true;
                    break;
            }
            yield return bytes.SkipTo(end);
        }
    }

    private static uint Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
