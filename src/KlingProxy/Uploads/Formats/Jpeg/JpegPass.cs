using System.Numerics;

namespace KlingProxy.Uploads.Formats.Jpeg;

/// <summary>One colour, and what is known of its blocks.</summary>
internal sealed class JpegComponent
{
    public required int Id { get; init; }

    /// <summary>Its blocks in one unit of a scan of several colours. Likewise <see cref="Down"/>.</summary>
    public required int Across { get; init; }

    public required int Down { get; init; }

    /// <summary>In blocks, in a scan of its own. Likewise <see cref="Rows"/>.</summary>
    public int Columns { get; set; }

    public int Rows { get; set; }

    /// <summary>In blocks, with those that only fill up a unit.</summary>
    public int Stride { get; set; }

    public JpegCodes? Means { get; set; }

    public JpegCodes? Rest { get; set; }

    /// <summary>Of each block, which coefficients are known not to be zero: those get another bit in later passes.</summary>
    public ulong[] Known { get; set; } = [];

    /// <summary>The coefficients that have got their last bit.</summary>
    public ulong Exact { get; set; }

    public bool IsExact => Exact == ulong.MaxValue;
}

/// <summary>T.81, F.2.2 and G.1.2: how the blocks of one scan are coded. Some coefficients, down to some bit; or in a baseline file all at once.</summary>
internal sealed class JpegPass(JpegBits bits, bool isProgressive, int first, int last, int precision)
{
    private readonly bool isRefining = precision >> 4 > 0;
    private int emptyBlocks;

    public bool IsPossible => !isProgressive || (first is >= 0 and <= 63 && last >= first && last <= 63 && (first > 0 || last == 0));

    /// <summary>Without its table a component would have blocks that take no bits, and never end.</summary>
    public bool HasCodes(JpegComponent component) => isProgressive
        ? first > 0 ? component.Rest is not null : isRefining || component.Means is not null
        : component is { Means: not null, Rest: not null };

    public void Restart() => emptyBlocks = 0;

    public void ReadBlock(JpegComponent component, int block)
    {
        if (!isProgressive)
            ReadWhole(component.Means!, component.Rest!);
        else if (first == 0 && isRefining)
            bits.Bit();
        else if (first == 0)
            bits.Bits(Math.Min(16, component.Means!.Decode(bits)));
        else if (isRefining)
            Refine(component.Rest!, ref component.Known[block]);
        else
            ReadFirst(component.Rest!, ref component.Known[block]);
    }

    /// <summary>All blocks were there.</summary>
    public void Note(JpegComponent component)
    {
        if (!isProgressive)
            component.Exact = ulong.MaxValue;
        else if ((precision & 15) == 0)
            component.Exact |= (ulong.MaxValue >> (63 - last + first)) << first;
    }

    private void ReadWhole(JpegCodes means, JpegCodes rest)
    {
        bits.Bits(Math.Min(16, means.Decode(bits)));
        for (var at = 1; at < 64; at++)
        {
            var code = rest.Decode(bits);
            var (zeros, length) = (code >> 4, code & 15);
            if (length == 0 && zeros < 15)
                return;
            bits.Bits(length);
            at += zeros;
        }
    }

    private void ReadFirst(JpegCodes codes, ref ulong known)
    {
        if (emptyBlocks > 0)
        {
            emptyBlocks--;
            return;
        }
        for (var at = first; at <= last; at++)
        {
            var code = codes.Decode(bits);
            var (zeros, length) = (code >> 4, code & 15);
            if (length == 0 && zeros < 15)
            {
                emptyBlocks = (1 << zeros) - 1 + bits.Bits(zeros);
                return;
            }
            at += zeros;
            bits.Bits(length);
            if (length > 0 && at <= last)
                known |= 1UL << at;
        }
    }

    private void Refine(JpegCodes codes, ref ulong known)
    {
        var at = first;
        for (; emptyBlocks == 0 && at <= last; at++)
        {
            var code = codes.Decode(bits);
            var (zeros, isNew) = (code >> 4, (code & 15) > 0);
            if (!isNew && zeros < 15)
            {
                emptyBlocks = (1 << zeros) + bits.Bits(zeros);
                break;
            }
            if (isNew)
                bits.Bit();
            for (; at <= last; at++)
            {
                if ((known & (1UL << at)) != 0)
                    bits.Bit();
                else if (--zeros < 0)
                    break;
            }
            if (isNew && at <= last)
                known |= 1UL << at;
        }
        if (emptyBlocks == 0)
            return;
        if (at <= last)
            bits.Bits(BitOperations.PopCount((known >> at) & (ulong.MaxValue >> (63 - last + at)))); // by their number: an empty block must cost a step, not 63
        emptyBlocks--;
    }
}
