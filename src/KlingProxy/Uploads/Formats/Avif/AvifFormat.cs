using System.Buffers.Binary;

namespace KlingProxy.Uploads.Formats.Avif;

/// <summary>
/// ISO/IEC 14496-12 and 23008-12: boxes, in any order. meta says which item is the image (pitm), where its bytes are (iloc), lists properties
/// (iprp → ipco) and which item has which (ipma). What follows the last byte of an item is not looked at, as decoders do not either.
/// Exif data in here does not turn the image (MIAF 7.3.10): irot does.
/// </summary>
internal static class AvifFormat
{
    private const uint Ftyp = 0x66747970, Meta = 0x6D657461, Pitm = 0x7069746D, Iloc = 0x696C6F63, Iprp = 0x69707270, Ipco = 0x6970636F, Ipma = 0x69706D61;
    private const uint Mdat = 0x6D646174, Idat = 0x69646174, Moov = 0x6D6F6F76, Trak = 0x7472616B, Tkhd = 0x746B6864;
    private const uint Still = 0x61766966, Sequence = 0x61766973; // avif, avis

    /// <summary>Of a box, in bytes: far above any image, far below an overflow.</summary>
    private const ulong MaxBoxBytes = 1UL << 40;

    public static bool IsAtStart(ReadOnlySpan<byte> start) => HasBrand(start, static brand => brand is Still or Sequence);

    /// <summary>Whether one of the brands of a file of boxes is meant: the major one, or one that it is compatible with.</summary>
    public static bool HasBrand(ReadOnlySpan<byte> start, Func<uint, bool> isMeant)
    {
        if (start.Length < 16 || Word(start[4..]) != Ftyp)
            return false;
        // Between them stands a version, which is no brand's name.
        for (var brands = start[8..(int)Math.Clamp(Word(start), 8, (uint)start.Length)]; brands.Length >= 4; brands = brands[4..])
        {
            if (isMeant(Word(brands)))
                return true;
        }
        return false;
    }

    public static IEnumerable<Wait> Read(PassingBytes bytes, IImageFindings image)
    {
        var (properties, extents) = (new AvifProperties(image), new AvifExtents());
        var (listEnd, framesEnd, isSequence) = (0L, 0L, false);
        while (true)
        {
            yield return bytes.Take(8);
            var (start, whole, type) = (bytes.Position - 8, (ulong)bytes.BigEndian32(), bytes.BigEndian32(4));
            if (whole == 1)
            {
                yield return bytes.Take(8);
                whole = bytes.BigEndian64();
            }
            if (whole == 0 && type != Meta)
                yield break; // reaches to wherever the file ends; or is no box, but zeros behind the last one
            var end = start + (long)Math.Min(whole == 0 ? MaxBoxBytes : whole, MaxBoxBytes);
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
                    if (whole > 0)
                        extents.Reach(end);
                    yield return PassingBytes.Skip(4); // version and flags; then boxes, as in the next four
                    continue;
                case Moov or Trak:
                    isSequence = true;
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
                case Iloc:
                    foreach (var wait in extents.Read(bytes, end))
                        yield return wait;
                    break;
                case Ipma:
                    foreach (var wait in properties.ReadOwners(bytes, end))
                        yield return wait;
                    break;
                case Tkhd when end - bytes.Position >= 8:
                    yield return bytes.SkipTo(end - 8);
                    yield return bytes.Take(8); // width and height, in 65536ths
                    if (bytes.BigEndian16(0) > 0)
                        image.Found(bytes.BigEndian16(0), bytes.BigEndian16(4));
                    break;
                case Mdat:
                    framesEnd = end;
                    break;
                case Idat:
                    extents.Reach(end);
                    break;
            }
            if (isSequence && framesEnd > 0)
                extents.Reach(framesEnd);
            if (image.Size != default && (extents.HasPixels || (isSequence && framesEnd > 0)))
                image.EndsAt(extents.End);
            yield return bytes.SkipTo(end);
        }
    }

    private static uint Word(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
