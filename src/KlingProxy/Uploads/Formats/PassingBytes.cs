using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace KlingProxy.Uploads.Formats;

/// <summary>What a format waits for before it reads on.</summary>
internal readonly record struct Wait(Wait.Kind For, long Count)
{
    public enum Kind
    {
        Bytes,
        Skipped,
        Marker,
    }
}

/// <summary>
/// A file that comes by in portions of any size and is never held. A format reads it forward, once: it says with <c>yield return</c> what it
/// waits for, and goes on when that has come. Each wait takes at least one byte, so a reader always ends where its file does.
/// </summary>
internal sealed class PassingBytes
{
    private readonly byte[] taken = new byte[16];
    private int length;

    /// <summary>Of the next byte, in the file.</summary>
    public long Position { get; private set; }

    /// <summary>What was taken last.</summary>
    public ReadOnlySpan<byte> Taken => taken.AsSpan(0, length);

    /// <summary>At most 16 bytes, for a look at them.</summary>
    public Wait Take(int count)
    {
        length = 0;
        return new(Wait.Kind.Bytes, count);
    }

    /// <summary>Forgets the first of what was taken, and takes as many more.</summary>
    public Wait Shift(int count)
    {
        taken.AsSpan(count, length - count).CopyTo(taken);
        length -= count;
        return new(Wait.Kind.Bytes, count);
    }

    public static Wait Skip(long count) => new(Wait.Kind.Skipped, count);

    public Wait SkipTo(long position) => Skip(position - Position);

    /// <summary>Up to and with the next 0xFF, but for those that a zero behind them takes back: coded pixels have one of them in some 200 bytes.</summary>
    public static Wait SkipToMarker() => new(Wait.Kind.Marker, 0);

    public ushort BigEndian16(int at = 0) => BinaryPrimitives.ReadUInt16BigEndian(taken.AsSpan(at));

    public uint BigEndian32(int at = 0) => BinaryPrimitives.ReadUInt32BigEndian(taken.AsSpan(at));

    public ulong BigEndian64(int at = 0) => BinaryPrimitives.ReadUInt64BigEndian(taken.AsSpan(at));

    public ushort LittleEndian16(int at = 0) => BinaryPrimitives.ReadUInt16LittleEndian(taken.AsSpan(at));

    public uint LittleEndian24(int at = 0) => taken[at] | ((uint)taken[at + 1] << 8) | ((uint)taken[at + 2] << 16);

    public uint LittleEndian32(int at = 0) => BinaryPrimitives.ReadUInt32LittleEndian(taken.AsSpan(at));

    /// <param name="wait">Less of it is left afterwards.</param>
    /// <param name="portion">Likewise.</param>
    /// <returns>Whether all that was waited for has come.</returns>
    public bool Serve(ref Wait wait, ref ReadOnlySpan<byte> portion)
    {
        var marker = wait.For is Wait.Kind.Marker ? Marker(portion) : -1;
        var count = wait.For is Wait.Kind.Marker
            ? marker < 0 ? portion.Length : marker + 1
            : (int)Math.Min(Math.Max(0, wait.Count), portion.Length);
        if (wait.For is Wait.Kind.Bytes)
        {
            portion[..count].CopyTo(taken.AsSpan(length));
            length += count;
        }
        portion = portion[count..];
        Position += count;
        wait = wait with { Count = wait.Count - count };
        return wait.For is Wait.Kind.Marker ? marker >= 0 : wait.Count <= 0;
    }

    // One at the very end of a portion is left to whoever waits: the next portion says what it is.
    private static int Marker(ReadOnlySpan<byte> portion)
    {
        var at = 0;
        for (; portion.Length - at > Vector128<byte>.Count; at += Vector128<byte>.Count)
        {
            var (here, behind) = (Vector128.Create(portion[at..]), Vector128.Create(portion[(at + 1)..]));
            var markers = Vector128.AndNot(Vector128.Equals(here, Vector128<byte>.AllBitsSet), Vector128.Equals(behind, Vector128<byte>.Zero));
            if (markers != Vector128<byte>.Zero)
                return at + BitOperations.TrailingZeroCount(markers.ExtractMostSignificantBits());
        }
        for (; at < portion.Length; at++)
        {
            if (portion[at] == 0xFF && (at + 1 == portion.Length || portion[at + 1] != 0))
                return at;
        }
        return -1;
    }
}
