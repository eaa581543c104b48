namespace KlingProxy.Uploads.Formats.Avif;

/// <summary>ISO/IEC 14496-12, 8.11.3: where in the file the bytes of its items are. Only the last of them matters here.</summary>
internal sealed class AvifExtents
{
    /// <summary>Of anything, in bytes: far above any image, far below an overflow.</summary>
    private const ulong Farthest = 1UL << 40;

    /// <summary>Where the last byte is that the image needs.</summary>
    public long End { get; private set; }

    /// <summary>Some item has bytes at all.</summary>
    public bool HasPixels { get; private set; }

    public void Reach(long end) => End = Math.Max(End, end);

    public IEnumerable<Wait> Read(PassingBytes bytes, long end)
    {
        if (end - bytes.Position < 8)
            yield break;
        yield return bytes.Take(6);
        var (version, offsetSize, lengthSize) = (bytes.Taken[0], bytes.Taken[4] >> 4, bytes.Taken[4] & 15);
        var (originSize, indexSize) = (bytes.Taken[5] >> 4, version is 1 or 2 ? bytes.Taken[5] & 15 : 0);
        if (version > 2 || Math.Max(Math.Max(offsetSize, lengthSize), Math.Max(originSize, indexSize)) > 8)
            yield break;

        var idSize = version < 2 ? 2 : 4;
        yield return bytes.Take(idSize);
        for (var items = Number(bytes, 0, idSize); items > 0 && bytes.Position < end; items--)
        {
            var isInFile = true;
            yield return bytes.Take(idSize);
            if (version is 1 or 2)
            {
                yield return bytes.Take(2);
                isInFile = (bytes.Taken[1] & 15) == 0; // and not in meta, or in another item
            }
            yield return bytes.Take(2 + originSize + 2);
            var (origin, count) = (Number(bytes, 2, originSize), bytes.BigEndian16(2 + originSize));
            // Extents that take no room, up to 65,535 an item, would keep us busy for ever.
            for (int left = offsetSize + lengthSize > 0 ? count : 0; left > 0 && bytes.Position < end; left--)
            {
                yield return PassingBytes.Skip(indexSize);
                yield return bytes.Take(offsetSize + lengthSize);
                var (offset, length) = (Number(bytes, 0, offsetSize), Number(bytes, offsetSize, lengthSize));
                HasPixels = true;
                if (isInFile)
                    Reach((long)(Math.Min(origin, Farthest) + Math.Min(offset, Farthest) + Math.Min(length, Farthest)));
            }
        }
    }

    private static ulong Number(PassingBytes bytes, int at, int size)
    {
        var number = 0UL;
        foreach (var digit in bytes.Taken.Slice(at, size))
            number = (number << 8) | digit;
        return number;
    }
}
