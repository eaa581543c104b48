namespace KlingProxy.Uploads.Formats.Jpeg;

/// <summary>
/// ITU-T T.81, F.2.2: the coded bits of a scan, one after another. Where they end too early, the rest reads as zeros, and <see cref="HasEnded"/> says so.
/// </summary>
internal sealed class JpegBits(Stream jpeg)
{
    private readonly byte[] buffer = new byte[32 * 1024];
    private int at, filled, current, left;

    /// <summary>More was asked for than there is: the file, or the scan, ended.</summary>
    public bool HasEnded { get; private set; }

    /// <returns>-1 at the end of the file.</returns>
    public int Byte()
    {
        if (at == filled)
            (at, filled) = (0, jpeg.Read(buffer));
        if (at < filled)
            return buffer[at++];
        HasEnded = true;
        return -1;
    }

    public int Word() => (Byte() << 8) | Byte();

    /// <returns>The next marker, whatever stands before it; -1 at the end of the file.</returns>
    public int Marker()
    {
        left = 0;
        while (!HasEnded)
        {
            while (!HasEnded && Byte() != 0xFF)
            {
            }
            int marker;
            do
                marker = Byte();
            while (marker == 0xFF);
            if (marker > 0)
                return marker;
        }
        return -1;
    }

    public int Bit()
    {
        if (left == 0)
        {
            current = HasEnded ? 0 : Byte();
            left = 8;
            if (current == 0xFF && Byte() != 0)
                HasEnded = true; // a marker stands where bits should
        }
        return (current >> --left) & 1;
    }

    public int Bits(int count)
    {
        var bits = 0;
        for (; count > 0; count--)
            bits = (bits << 1) | Bit();
        return bits;
    }
}

/// <summary>T.81, annex C: a Huffman table, by the number of codes of each length.</summary>
internal sealed class JpegCodes
{
    private readonly int[] counts = new int[17];
    private readonly byte[] values = new byte[256];

    /// <returns>How many bytes it took; <c>null</c> where there are more codes than values.</returns>
    public static JpegCodes? Read(JpegBits bytes, out int length)
    {
        var (codes, total) = (new JpegCodes(), 0);
        for (var bits = 1; bits <= 16; bits++)
            total += codes.counts[bits] = bytes.Byte();
        length = 16 + total;
        if (total is < 0 or > 256 || bytes.HasEnded)
            return null;
        for (var code = 0; code < total; code++)
            codes.values[code] = (byte)bytes.Byte();
        return codes;
    }

    public int Decode(JpegBits bits)
    {
        var (code, first, index) = (0, 0, 0);
        for (var length = 1; length <= 16; length++)
        {
            code |= bits.Bit();
            if (code - first < counts[length])
                return values[index + code - first];
            index += counts[length];
            first = (first + counts[length]) << 1;
            code <<= 1;
        }
        return 0; // no such code
    }
}
