namespace KlingProxy.Uploads.Formats.Jpeg;

/// <summary>
/// Counts the coded blocks of a JPEG without EOI (T.81, annexes F and G), by reading the code without its meaning: libjpeg shows such a file, and grey
/// where blocks are missing. Baseline and progressive, in Huffman code; nobody sends the others.
/// </summary>
internal sealed class JpegPixels
{
    /// <summary>Of progressive ones the least is remembered of each block; this bounds it to 20 MiB.</summary>
    private const int MaxBlocks = 2_600_000;

    /// <summary>Encoders write about ten. A hostile file could keep us busy with thousands of empty ones.</summary>
    private const int MaxScans = 64;

    /// <summary>
    /// In all scans together. A run of empty blocks takes a few bits and a step for each of them, so that a small file could ask for 64 × 2.6 million. Ten
    /// scans of 50 megapixels take 11 million. What asks for more counts as cut off: nobody but its end could show that it is not.
    /// </summary>
    private const long MaxReadings = 20_000_000;

    private readonly JpegBits bits;
    private readonly JpegCodes?[] tables = new JpegCodes?[8]; // four for means, four for the rest
    private JpegComponent[] components = [];
    private bool isProgressive;
    private int interval, columns, rows;
    private long readings;

    private JpegPixels(Stream jpeg) => bits = new JpegBits(jpeg);

    public static bool AreIn(Stream jpeg) => new JpegPixels(jpeg).Count();

    private bool Count()
    {
        for (var scans = 0; scans < MaxScans;)
        {
            var marker = bits.Marker();
            if (marker is < 0xC0 or (>= 0xD0 and <= 0xD9))
            {
                if (marker < 0)
                    return false;
                continue;
            }
            var length = bits.Word() - 2;
            switch (marker)
            {
                case 0xC4:
                    ReadTables(length);
                    break;
                case 0xC0 or 0xC1 or 0xC2 when components.Length == 0:
                    isProgressive = marker == 0xC2;
                    if (!ReadFrame())
                        return false;
                    break;
                case 0xDD:
                    interval = bits.Word();
                    break;
                case 0xDA:
                    scans++;
                    if (!ReadScan())
                        return false;
                    if (Array.TrueForAll(components, component => component.IsExact))
                        return true;
                    break;
                default:
                    for (; length > 0 && !bits.HasEnded; length--)
                        bits.Byte();
                    break;
            }
        }
        return false;
    }

    private void ReadTables(int length)
    {
        while (length > 0 && !bits.HasEnded)
        {
            var place = bits.Byte();
            tables[((place >> 2) & 4) | (place & 3)] = JpegCodes.Read(bits, out var read);
            length -= read + 1;
        }
    }

    private bool ReadFrame()
    {
        bits.Byte(); // sample precision
        var (height, width, count) = (bits.Word(), bits.Word(), bits.Byte());
        if (count is < 1 or > 4)
            return false;
        components = new JpegComponent[count];
        for (var component = 0; component < count; component++)
        {
            components[component] = new JpegComponent { Id = bits.Byte(), Across = bits.Bits(4), Down = bits.Bits(4) };
            bits.Byte(); // quantization
        }
        if (bits.HasEnded || Array.Exists(components, component => component.Across is < 1 or > 4 || component.Down is < 1 or > 4))
            return false;

        var (across, down) = (components.Max(component => component.Across), components.Max(component => component.Down));
        (columns, rows) = (Parts(width, 8 * across), Parts(height, 8 * down));
        var blocks = 0L;
        foreach (var component in components)
        {
            (component.Columns, component.Rows) = (Parts(Parts(width * component.Across, across), 8), Parts(Parts(height * component.Down, down), 8));
            component.Stride = columns * component.Across;
            blocks += (long)component.Stride * rows * component.Down;
        }
        if (!isProgressive)
            return true;
        foreach (var component in components)
            component.Known = blocks <= MaxBlocks ? new ulong[component.Stride * rows * component.Down] : [];
        return blocks <= MaxBlocks;

        static int Parts(int whole, int part) => (whole + part - 1) / part;
    }

    /// <returns>Whether all of it was there.</returns>
    private bool ReadScan()
    {
        var count = bits.Byte();
        var parts = new List<JpegComponent>();
        for (; count > 0; count--)
        {
            var (id, codes) = (bits.Byte(), bits.Byte());
            if (Array.Find(components, component => component.Id == id) is not { } component)
                return false;
            (component.Means, component.Rest) = (tables[(codes >> 4) & 3], tables[4 | (codes & 3)]);
            parts.Add(component);
        }
        var pass = new JpegPass(bits, isProgressive, bits.Byte(), bits.Byte(), bits.Byte());
        if (parts.Count is 0 or > 4 || !pass.IsPossible || !parts.TrueForAll(pass.HasCodes))
            return false;

        var units = parts.Count == 1 ? parts[0].Columns * parts[0].Rows : columns * rows;
        readings += (long)units * (parts.Count == 1 ? 1 : parts.Sum(part => part.Across * part.Down));
        if (readings > MaxReadings)
            return false;
        for (var unit = 0; unit < units; unit++)
        {
            if (interval > 0 && unit > 0 && unit % interval == 0)
            {
                if (bits.Marker() is not (>= 0xD0 and <= 0xD7))
                    return false;
                pass.Restart();
            }
            if (parts.Count == 1)
            {
                pass.ReadBlock(parts[0], (unit / parts[0].Columns * parts[0].Stride) + (unit % parts[0].Columns));
            }
            else
            {
                foreach (var part in parts)
                    for (var block = 0; block < part.Across * part.Down; block++)
                        pass.ReadBlock(part, (((unit / columns * part.Down) + (block / part.Across)) * part.Stride) + (unit % columns * part.Across)
                            + (block % part.Across));
            }
            if (bits.HasEnded)
                return false;
        }
        parts.ForEach(pass.Note);
        return true;
    }
}
