namespace KlingProxy.Uploads.Formats;

/// <summary>Exif 3.0, 4.6: a TIFF directory inside the image; its tag 0x0112 says how to turn what is stored.</summary>
internal static class ExifOrientation
{
    private const ushort Tag = 0x0112, Short = 3;

    /// <summary>A directory may have more entries; the tags are sorted, and this one comes early.</summary>
    private const int MaxEntries = 256;

    /// <param name="end">Where the Exif data ends in the file; nothing after it is read.</param>
    public static IEnumerable<Wait> Read(PassingBytes bytes, IImageFindings image, long end)
    {
        var start = bytes.Position;
        if (end - start < 22)
            yield break;
        yield return bytes.Take(8);
        if (bytes.Taken.StartsWith("Exif\0\0"u8)) // always in JPEG, sometimes in WebP, never in PNG
        {
            start += 6;
            yield return bytes.Shift(6);
        }
        bool isLittle;
        if (bytes.Taken.StartsWith("II*\0"u8))
            isLittle = true;
        else if (bytes.Taken.StartsWith("MM\0*"u8))
            isLittle = false;
        else
            yield break;

        var directory = start + (isLittle ? bytes.LittleEndian32(4) : bytes.BigEndian32(4));
        if (directory < bytes.Position || directory + 2 > end)
            yield break;
        yield return bytes.SkipTo(directory);
        yield return bytes.Take(2);
        for (var left = Math.Min(MaxEntries, Number(0)); left > 0 && bytes.Position + 12 <= end; left--)
        {
            yield return bytes.Take(12); // tag, type, count, value
            if (Number(0) != Tag)
                continue;
            if (Number(2) == Short)
                image.Turn(onItsSide: Number(8) is >= 5 and <= 8); // 1 to 4 turn it over or mirror it
            yield break;
        }

        int Number(int at) => isLittle ? bytes.LittleEndian16(at) : bytes.BigEndian16(at);
    }
}
