using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace KlingProxy.Bench.Seeding;

/// <summary>PNGs of noise, whole and sound, as large as their pixels: each call can have bytes that no other had.</summary>
internal sealed class Picture
{
    private static readonly uint[] Crcs = [.. Enumerable.Range(0, 256).Select(CrcOf)];

    private readonly byte[] head;
    private int number;

    public Picture(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2); // eight bits, red green blue
        var rows = new byte[height * (1 + (width * 3))];
        new Random(1).NextBytes(rows);
        for (var row = 0; row < height; row++)
            rows[row * (1 + (width * 3))] = 0; // unfiltered
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.NoCompression, leaveOpen: true))
            zlib.Write(rows);
        head = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray())];
    }

    /// <returns>The picture with a remark in it that no other has.</returns>
    public byte[] Next() =>
        [.. head, .. Chunk("tEXt", Encoding.ASCII.GetBytes($"Comment\0{Environment.ProcessId} {Interlocked.Increment(ref number)}")), .. Chunk("IEND", [])];

    private static byte[] Chunk(string type, byte[] content)
    {
        var chunk = new byte[12 + content.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        content.CopyTo(chunk, 8);
        var crc = uint.MaxValue;
        foreach (var value in chunk.AsSpan(4, 4 + content.Length))
            crc = Crcs[(byte)(crc ^ value)] ^ (crc >> 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + content.Length), ~crc);
        return chunk;
    }

    private static uint CrcOf(int value)
    {
        var crc = (uint)value;
        for (var bit = 0; bit < 8; bit++)
            crc = (crc & 1) == 1 ? 0xEDB88320 ^ (crc >> 1) : crc >> 1;
        return crc;
    }
}
