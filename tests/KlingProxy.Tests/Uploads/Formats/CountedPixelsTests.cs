using System.Buffers.Binary;
using System.IO.Compression;

using KlingProxy.Uploads.Formats;
using KlingProxy.Uploads.Formats.Jpeg;

namespace KlingProxy.Tests.Uploads.Formats;

/// <summary>Files without the mark of their end: their pixels are counted, to the last one, and not for ever.</summary>
public sealed class CountedPixelsTests
{
    private static readonly byte[] Progressive = File.ReadAllBytes(Path.Combine(EndToEnd.Repository.Root, "tests", "KlingProxy.Tests", "Uploads", "corpus", "progressive.jpg"));

    public static TheoryData<byte, byte, bool, long> Lines => new()
    {
        // bits  colours    interlaced  bytes of 65 × 47 pixels, each line with its filter
        { 8,     2,         false,      47 * (1 + (65 * 3)) },
        { 8,     6,         false,      47 * (1 + (65 * 4)) },
        { 16,    4,         false,      47 * (1 + (65 * 4)) },
        { 1,     0,         false,      47 * (1 + 9) },
        { 4,     3,         false,      47 * (1 + 33) },
        { 8,     2,         true,       Passes(65, 47, 24) },
        { 2,     3,         true,       Passes(65, 47, 2) },
    };

    [Theory, MemberData(nameof(Lines))]
    public void Of_a_PNG_are_counted_to_the_last_byte(byte bits, byte colours, bool interlaced, long bytes)
    {
        Assert.True(PngPixels.AreIn(Png(65, 47, bits, colours, interlaced, bytes)));
        Assert.False(PngPixels.AreIn(Png(65, 47, bits, colours, interlaced, bytes - 1)));
    }

    [Fact]
    public void Of_a_PNG_that_unpacks_to_300_MB_are_not_counted() =>
        Assert.False(PngPixels.AreIn(Png(10_000, 10_000, 8, 2, interlaced: false, 10_000L * 30_001)));

    [Theory]
    [InlineData(40, true)]
    [InlineData(100, false)]
    public void Of_a_JPEG_are_not_counted_through_scans_without_end(int scans, bool counted)
    {
        var scan = Progressive.AsSpan().IndexOf((byte[])[0xFF, 0xDA]);
        var end = scan + Progressive.AsSpan(scan + 2).IndexOf((byte[])[0xFF, 0xC4]) + 2;
        byte[] repeated = [.. Progressive[..scan], .. Enumerable.Repeat(Progressive[scan..end], scans).SelectMany(bytes => bytes), .. Progressive[scan..^2]];

        Assert.Equal(counted, JpegPixels.AreIn(new MemoryStream(repeated)));
    }

    public static TheoryData<string, byte[], bool> Codes => new()
    {
        // of 3 colours: 3 bits each, 4 to clear, 5 to end     5 × 1 pixels
        { "each by itself",             Bits("100 000 001 000 0001 0000"),         true }, // codes widen when eight are known
        { "one too few",                Bits("100 000 001 000 0001"),              false },
        { "by codes of more",           Bits("100 000 110 110 101"),               true }, // 1, 2, 2
        { "ended too early",            Bits("100 000 110 101 000 000 000 000"),   false },
        { "by a code that is not yet",  Bits("100 000 111 000 000 000 000 000"),   false },
        { "cleared in between",         Bits("100 000 001 100 000 001 000"),       true },
        { "never cleared",              Bits("000 001 000 0001 0000"),             true },
    };

    [Theory, MemberData(nameof(Codes))]
    public void Of_a_GIF_are_counted_to_the_last_one(string how, byte[] codes, bool counted)
    {
        byte[] head = [.. "GIF89a"u8, 5, 0, 1, 0, 0, 0, 0, 0x21, 0xFE, 1, (byte)'x', 0, 0x2C, 0, 0, 0, 0, 5, 0, 1, 0, 0, 2];

        Assert.Equal((how, counted), (how, GifPixels.AreIn(new MemoryStream([.. head, (byte)codes.Length, .. codes]))));
        Assert.False(GifPixels.AreIn(new MemoryStream([.. head, (byte)(codes.Length + 1), .. codes]))); // decoders take whole blocks
    }

    [Fact]
    public void Of_a_JPEG_of_50_megapixels_are_counted_through_the_ten_scans_that_libjpeg_writes() => Assert.True(JpegPixels.AreIn(EmptyScans(8000, 6250, 3,
        ([1, 2, 3], 0, 0, 0x01), ([1], 1, 5, 0x02), ([3], 1, 63, 0x01), ([2], 1, 63, 0x01), ([1], 6, 63, 0x02), ([1], 1, 63, 0x21), ([1, 2, 3], 0, 0, 0x10), ([3], 1, 63, 0x10), ([2], 1, 63, 0x10), ([1], 1, 63, 0x10))));

    [Theory]
    [InlineData(12_896, false)]
    [InlineData(300, true)] // it is not the number of the scans
    public void Of_a_JPEG_are_not_counted_through_scans_of_millions_of_blocks_each(int side, bool counted) => Assert.Equal(counted, JpegPixels.AreIn(EmptyScans(side, side, 1,
        [.. Enumerable.Range(0, 64).Select(coefficient => (new byte[] { 1 }, (byte)coefficient, (byte)coefficient, (byte)0))])));

    [Fact]
    public void Of_a_JPEG_without_tables_are_not_counted()
    {
        var tables = Progressive.AsSpan().IndexOf((byte[])[0xFF, 0xC4]);
        var after = tables + 2 + BinaryPrimitives.ReadUInt16BigEndian(Progressive.AsSpan(tables + 2));

        Assert.True(JpegPixels.AreIn(new MemoryStream(Progressive[..^2])));
        Assert.False(JpegPixels.AreIn(new MemoryStream([.. Progressive[..tables], .. Progressive[after..^2]])));
    }

    /// <summary>Of no bytes each, 65,535 to an item: as many as the box has room for would be gone through one by one.</summary>
    [Fact]
    public void Of_an_AVIF_do_not_keep_anybody_busy()
    {
        byte[] items = [.. Enumerable.Repeat((byte[])[0, 1, 0, 0, 0xFF, 0xFF], 60_000).SelectMany(bytes => bytes)];
        byte[] image = [.. Picture.Box("ftyp", [.. "avif"u8, 0, 0, 0, 0, .. "mif1"u8]), .. Picture.Box("meta", [0, 0, 0, 0, .. Picture.Box("iloc", [0, 0, 0, 0, 0, 0, 0xEA, 0x60, .. items])])];

        Assert.False(new ImageReading(image).IsWhole);
    }

    /// <summary>A progressive JPEG without EOI in which every bit is a zero: one for a block's mean, and fifteen for a run of 16,384 blocks without anything else.</summary>
    private static MemoryStream EmptyScans(int width, int height, byte colours, params (byte[] Colours, byte First, byte Last, byte Precision)[] scans)
    {
        const int Run = 16_384;
        byte[] oneCode = [1, .. new byte[15]];
        var jpeg = new MemoryStream();
        jpeg.Write([0xFF, 0xD8, 0xFF, 0xC4, 0, 2 + 18 + 18, 0x00, .. oneCode, 0x00, 0x10, .. oneCode, 0xE0]);
        jpeg.Write([0xFF, 0xC2, .. Picture.Big((ushort)(8 + (3 * colours))), 8, .. Picture.Big((ushort)height), .. Picture.Big((ushort)width), colours, .. Enumerable.Range(1, colours).SelectMany(colour => new byte[] { (byte)colour, 0x11, 0 })]);
        foreach (var scan in scans)
        {
            var blocks = (width + 7) / 8 * ((height + 7) / 8) * scan.Colours.Length;
            jpeg.Write([0xFF, 0xDA, .. Picture.Big((ushort)(6 + (2 * scan.Colours.Length))), (byte)scan.Colours.Length, .. scan.Colours.SelectMany(colour => new byte[] { colour, 0 }), scan.First, scan.Last, scan.Precision]);
            jpeg.Write(new byte[((scan.First == 0 ? blocks : 15 * ((blocks + Run - 1) / Run)) + 7) / 8]);
        }
        jpeg.Position = 0;
        return jpeg;
    }

    private static MemoryStream Png(uint width, uint height, byte bits, byte colours, bool interlaced, long bytes)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var zeros = new byte[1 << 16]; bytes > 0; bytes -= zeros.Length)
                zlib.Write(zeros, 0, (int)Math.Min(bytes, zeros.Length));
        }
        var half = packed.ToArray().AsSpan(0, (int)packed.Length / 2).ToArray();
        return new MemoryStream(
        [
            0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Picture.Chunk("IHDR", [.. Picture.Big(width), .. Picture.Big(height), bits, colours, 0, 0, (byte)(interlaced ? 1 : 0)]),
            .. Picture.Chunk("tEXt", new byte[1000]), .. Picture.Chunk("IDAT", half), .. Picture.Chunk("IDAT", []), .. Picture.Chunk("IDAT", packed.ToArray()[half.Length..]),
        ]);
    }

    /// <summary>Codes as they are written one after the other: each from its lowest bit on, from the lowest bit of a byte on.</summary>
    private static byte[] Bits(string codes)
    {
        var bits = string.Concat(codes.Split(' ').Select(code => string.Concat(code.Reverse())));
        return [.. bits.Chunk(8).Select(octet => (byte)octet.Select((bit, at) => bit == '1' ? 1 << at : 0).Sum())];
    }

    /// <summary>Adam7, by the pixels themselves: which pass draws each.</summary>
    private static long Passes(int width, int height, int bitsEach)
    {
        int[][] pattern =
        [
            [1, 6, 4, 6, 2, 6, 4, 6], [7, 7, 7, 7, 7, 7, 7, 7], [5, 6, 5, 6, 5, 6, 5, 6], [7, 7, 7, 7, 7, 7, 7, 7],
            [3, 6, 4, 6, 3, 6, 4, 6], [7, 7, 7, 7, 7, 7, 7, 7], [5, 6, 5, 6, 5, 6, 5, 6], [7, 7, 7, 7, 7, 7, 7, 7],
        ];
        return Enumerable.Range(1, 7).Sum(pass => Enumerable.Range(0, height)
            .Select(y => Enumerable.Range(0, width).Count(x => pattern[y % 8][x % 8] == pass))
            .Where(pixels => pixels > 0).Sum(pixels => 1L + (((pixels * bitsEach) + 7) / 8)));
    }
}
