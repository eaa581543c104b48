using System.Buffers.Binary;

namespace KlingProxy.Uploads;

/// <summary>
/// Reads forward through as much of a file as is here. Past the end it reads zeros and remembers it; it never throws and never goes back,
/// so a reader that reads at least one byte in each turn of a loop always ends.
/// </summary>
internal ref struct HeaderBytes(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    public int Position { get; private set; }

    /// <summary>What was read so far means nothing: the file goes on after what is here, or is cut off.</summary>
    public bool RanOut { get; private set; }

    public byte Byte() => Take(1) is [var only] ? only : (byte)0;

    public ushort BigEndian16() => Take(2) is { IsEmpty: false } two ? BinaryPrimitives.ReadUInt16BigEndian(two) : (ushort)0;

    public uint BigEndian32() => Take(4) is { IsEmpty: false } four ? BinaryPrimitives.ReadUInt32BigEndian(four) : 0;

    public ulong BigEndian64() => Take(8) is { IsEmpty: false } eight ? BinaryPrimitives.ReadUInt64BigEndian(eight) : 0;

    public ushort LittleEndian16() => Take(2) is { IsEmpty: false } two ? BinaryPrimitives.ReadUInt16LittleEndian(two) : (ushort)0;

    public uint LittleEndian24() => Take(3) is [var low, var middle, var high] ? low | ((uint)middle << 8) | ((uint)high << 16) : 0;

    public uint LittleEndian32() => Take(4) is { IsEmpty: false } four ? BinaryPrimitives.ReadUInt32LittleEndian(four) : 0;

    public void Skip(long count)
    {
        if (count > bytes.Length - Position)
            RunOut();
        else if (count > 0)
            Position += (int)count;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - Position)
        {
            RunOut();
            return [];
        }
        Position += count;
        return bytes.Slice(Position - count, count);
    }

    private void RunOut() => (Position, RanOut) = (bytes.Length, true);
}
