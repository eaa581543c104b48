namespace KlingProxy.Uploads.Formats.Avif;

/// <summary>ISO/IEC 23008-12, 6.5 and 9.3: what a file says of all its items (tiles, thumbnails, transparency), and which of it is said of the image.</summary>
internal sealed class AvifProperties(IImageFindings image)
{
    private const uint Ispe = 0x69737065, Irot = 0x69726F74;

    /// <summary>An image has about ten; this bounds what a hostile one makes us remember.</summary>
    private const int Max = 512;

    private readonly List<Property> all = [];
    private readonly List<(uint Item, int Number)> owned = [];
    private uint? primary;
    private bool told;

    /// <summary>One of them; its number is its place in the list, from 1.</summary>
    public IEnumerable<Wait> ReadNext(PassingBytes bytes, uint type, long end)
    {
        var property = default(Property);
        if (type == Ispe && end - bytes.Position >= 12)
        {
            yield return bytes.Take(12); // version and flags, width, height
            property = new(bytes.BigEndian32(4), bytes.BigEndian32(8), IsQuarterTurn: false);
        }
        else if (type == Irot && end - bytes.Position >= 1)
        {
            yield return bytes.Take(1);
            property = new(0, 0, IsQuarterTurn: (bytes.Taken[0] & 1) != 0);
        }
        if (all.Count < Max)
            all.Add(property);
    }

    /// <summary>Which item is the image.</summary>
    public IEnumerable<Wait> ReadPrimary(PassingBytes bytes, long end)
    {
        if (end - bytes.Position < 6)
            yield break;
        yield return bytes.Take(6);
        if (bytes.Taken[0] == 0)
        {
            primary = bytes.BigEndian16(4);
        }
        else if (end - bytes.Position >= 2)
        {
            var high = (uint)bytes.BigEndian16(4);
            yield return bytes.Take(2);
            primary = (high << 16) | bytes.BigEndian16();
        }
        Announce(); // it may stand before or behind who owns what
    }

    /// <summary>Which item has which properties; those of the image say its size and its turn.</summary>
    public IEnumerable<Wait> ReadOwners(PassingBytes bytes, long end)
    {
        if (end - bytes.Position < 8)
            yield break;
        yield return bytes.Take(8);
        var (idLength, numberLength) = (bytes.Taken[0] == 0 ? 2 : 4, (bytes.Taken[3] & 1) == 0 ? 1 : 2);
        for (var left = bytes.BigEndian32(4); left > 0 && bytes.Position + idLength + 1 <= end; left--)
        {
            yield return bytes.Take(idLength + 1);
            var item = idLength == 2 ? bytes.BigEndian16() : bytes.BigEndian32();
            for (int more = bytes.Taken[idLength]; more > 0 && bytes.Position + numberLength <= end; more--)
            {
                yield return bytes.Take(numberLength);
                if (owned.Count < Max)
                    owned.Add((item, numberLength == 1 ? bytes.Taken[0] & 0x7F : bytes.BigEndian16() & 0x7FFF)); // the highest bit: essential
            }
        }
        Announce();
    }

    private void Announce()
    {
        if (told)
            return; // a hostile file may ask a million times
        foreach (var (item, number) in owned)
        {
            if (item != primary || number == 0 || number > all.Count)
                continue;
            all[number - 1].ReportTo(image);
            told = true;
        }
    }

    private readonly record struct Property(uint Width, uint Height, bool IsQuarterTurn)
    {
        public void ReportTo(IImageFindings image)
        {
            if (Width > 0 || Height > 0)
                image.Found(Width, Height);
            if (IsQuarterTurn)
                image.Turn(onItsSide: true);
        }
    }
}
