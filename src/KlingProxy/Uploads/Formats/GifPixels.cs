namespace KlingProxy.Uploads.Formats;

/// <summary>
/// Counts the pixels of a GIF's first frame, for a file that ends before the frame's last block does: of each LZW code (GIF89a, appendix F) only how many
/// pixels it stands for. Each code takes bits of the file, so that its length bounds the work.
/// </summary>
internal sealed class GifPixels
{
    /// <summary>In bits.</summary>
    private const int WidestCode = 12;

    /// <summary>Of each code, in pixels.</summary>
    private readonly int[] lengths = new int[1 << WidestCode];
    private readonly int clear;
    private int next, width, previous, bits, held;
    private bool isOver;

    /// <param name="codeSize">1 to 11: the bits of one colour.</param>
    private GifPixels(int codeSize)
    {
        clear = 1 << codeSize;
        Array.Fill(lengths, 1, 0, clear);
        Clear();
    }

    public static bool AreIn(Stream file)
    {
        using var gif = new BufferedStream(file);
        Span<byte> head = stackalloc byte[13];
        if (!TryFill(gif, head) || !TryFill(gif, new byte[GifFormat.ColorTable(head[10])]))
            return false;
        int mark;
        while ((mark = gif.ReadByte()) == GifFormat.Extension)
        {
            gif.ReadByte(); // its label
            while (SubBlock(gif).Length > 0)
            {
            }
        }
        if (mark != GifFormat.Image || !TryFill(gif, head[..9]) || !TryFill(gif, new byte[GifFormat.ColorTable(head[8])])
            || gif.ReadByte() is not (>= 1 and < WidestCode and var codeSize))
            return false;

        var missing = (head[4] | (head[5] << 8)) * (long)(head[6] | (head[7] << 8));
        var codes = new GifPixels(codeSize);
        while (missing > 0 && SubBlock(gif) is { Length: > 0 } data)
        {
            foreach (var octet in data)
                missing -= codes.PixelsIn(octet);
        }
        return missing <= 0;
    }

    /// <returns>Nothing at the end, or where it is cut off: decoders take whole ones.</returns>
    private static byte[] SubBlock(BufferedStream gif)
    {
        var data = new byte[Math.Max(0, gif.ReadByte())];
        return TryFill(gif, data) ? data : [];
    }

    private static bool TryFill(BufferedStream gif, Span<byte> bytes) => gif.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length;

    private long PixelsIn(byte octet)
    {
        var pixels = 0L;
        bits |= octet << held;
        for (held += 8; held >= width && !isOver;)
        {
            var code = bits & ((1 << width) - 1);
            (bits, held) = (bits >> width, held - width);
            pixels += PixelsOf(code);
        }
        return pixels;
    }

    private int PixelsOf(int code)
    {
        if (code == clear)
        {
            Clear();
            return 0;
        }
        isOver = code == clear + 1 || (previous < 0 ? code > clear : code > next); // its end, or no such code
        if (isOver)
            return 0;

        if (previous >= 0 && next < lengths.Length)
        {
            lengths[next++] = lengths[previous] + 1; // perhaps this very code
            if (next == 1 << width && width < WidestCode)
                width++;
        }
        previous = code;
        return lengths[code];
    }

    private void Clear() => (next, width, previous) = (clear + 2, int.Log2(clear) + 1, -1);
}
