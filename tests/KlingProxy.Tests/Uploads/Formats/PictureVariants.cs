using System.Buffers.Binary;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Uploads.Formats;

/// <summary>What cameras, phones, programs and bad connections make of the pictures in <c>corpus</c>: 600 × 400 pixels, or on their side.</summary>
internal static class PictureVariants
{
    public const bool Accepted = true, Refused = false;

    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "KlingProxy.Tests", "Uploads", "corpus");

    public static IEnumerable<(string Name, byte[] Bytes, bool Expected)> All() => [.. Jpegs(), .. Pngs(), .. Gifs(), .. Webps(), .. Avifs()];

    private static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    private static IEnumerable<(string, byte[], bool)> Jpegs()
    {
        byte[] profile = [0xFF, 0xE2, 0xFF, 0xFF, .. new byte[0xFFFD]];
        (string Name, byte[] Bytes)[] between =
        [
            ("four megabytes of depth data", [.. Enumerable.Repeat(profile, 64).SelectMany(bytes => bytes)]), ("zeros", new byte[7]), ("text", "abc\u0001"u8.ToArray()),
            ("fill bytes", [0xFF, 0xFF, 0xFF]), ("a coded 0xFF", [0xFF, 0, 0xFF, 0]), ("a restart", [0xFF, 0xD3]), ("TEM", [0xFF, 1]), ("an empty segment", [0xFF, 0xE5, 0, 0]),
        ];
        foreach (var name in new[] { "plain.jpg", "progressive.jpg", "cmyk.jpg", "restarts.jpg", "grey.jpg", "separate-scans.jpg", "turned-6.jpg" })
        {
            var image = Read(name);
            var frame = Segment(image, marker => marker is 0xC0 or 0xC2);
            var scan = Segment(image, marker => marker == 0xDA);
            foreach (var (what, bytes) in between)
            {
                foreach (var (where, at) in new[] { ("the start", 2), ("the frame", frame), ("the scan", scan), ("the end", image.Length - 2) })
                    yield return ($"{name}, {what} at {where}", [.. image[..at], .. bytes, .. image[at..]], at > 2 || bytes[0] == 0xFF); // by its third byte everybody knows a JPEG
            }
            if (Segment(image, marker => marker == 0xDA, scan + 2) is > 0 and var second)
                yield return ($"{name}, ended after its first scan", image[..second], Refused);
            yield return ($"{name}, reserved marker", [.. image[..2], 0xFF, 0x55, .. image[2..]], Refused);
            yield return ($"{name}, another behind it", [.. image, .. image], Accepted);
            yield return ($"{name}, a film behind it", [.. image, 0, 0, 0, 24, .. "ftypmp42"u8, .. new byte[5000]], Accepted);
            foreach (var (cut, expected) in new[] { (1, Accepted), (2, Accepted), (8, Refused), (50, Refused), (1000, Refused) })
                yield return ($"{name}, {cut} bytes cut off", image[..^cut], expected);
        }
    }

    /// <returns>Where the segment begins, or 0. Pixels on the way are passed over.</returns>
    private static int Segment(byte[] jpeg, Func<byte, bool> isMeant, int from = 2)
    {
        for (var at = from; at + 4 < jpeg.Length;)
        {
            if (jpeg[at] != 0xFF || jpeg[at + 1] is 0 or (>= 0xD0 and <= 0xD9))
                at++;
            else if (isMeant(jpeg[at + 1]))
                return at;
            else
                at += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2));
        }
        return 0;
    }

    private static IEnumerable<(string, byte[], bool)> Pngs()
    {
        foreach (var name in new[] { "plain.png", "turned-6.png", "animated.png" })
        {
            var image = Read(name);
            var isAnimated = name == "animated.png"; // its first frame ends long before the file does
            yield return ($"{name}, three megabytes of text", [.. image[..33], .. Picture.Chunk("teXt", new byte[3_000_000]), .. image[33..]], Accepted); // its checksum is wrong, too
            yield return ($"{name}, unknown chunk", [.. image[..33], .. Picture.Chunk("abCd", [1, 2, 3]), .. image[33..]], Accepted);
            yield return ($"{name}, text behind it", [.. image, .. "and more"u8], Accepted);
            yield return ($"{name}, junk for IEND", [.. image[..^12], .. "junkjunkjunk"u8], Accepted);
            yield return ($"{name}, Apple's own", [.. image[..8], .. Picture.Chunk("CgBI", [0x50, 0, 0x20, 2]), .. image[8..]], Refused);
            foreach (var cut in isAnimated ? [1, 8, 12, 14, 17, 40] : new[] { 1, 8, 12, 14, 17 })
                yield return ($"{name}, {cut} bytes cut off", image[..^cut], Accepted);
            foreach (var cut in isAnimated ? [200] : new[] { 40, 200 })
                yield return ($"{name}, {cut} bytes cut off", image[..^cut], Refused);
        }
    }

    private static IEnumerable<(string, byte[], bool)> Gifs()
    {
        foreach (var name in new[] { "plain.gif", "animated.gif" })
        {
            var image = Read(name);
            var start = 13 + ((image[10] & 0x80) == 0 ? 0 : 3 << ((image[10] & 7) + 1));
            byte[] comment = [0x21, 0xFE, .. Enumerable.Repeat((byte[])[255, .. new byte[255]], 2000).SelectMany(bytes => bytes), 0];
            foreach (var (width, height) in new[] { (0, 0), (1, 1), (0, 400), (300, 200), (601, 399) })
                yield return ($"{name}, screen of {width} × {height}", [.. image[..6], (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), .. image[10..]], Accepted);
            yield return ($"{name}, long comment", [.. image[..start], .. comment, .. image[start..]], Accepted);
            yield return ($"{name}, no trailer", image[..^1], Accepted);
            yield return ($"{name}, zeros for the trailer", [.. image[..^1], .. new byte[50]], Accepted);
            yield return ($"{name}, text for the trailer", [.. image[..^1], .. "junk"u8], Accepted);
            yield return ($"{name}, text behind it", [.. image, .. "junk"u8], Accepted);
            yield return ($"{name}, cut off in a comment", [.. image[..^1], 0x21, 0xFE, 32, .. "abc"u8], Accepted);
            var frame = image[..FrameEnd(image, start)];
            foreach (var (what, rest) in new (string, byte[])[] { ("nothing", []), ("a mark", [0x2C]), ("half a descriptor", [0x2C, 0, 0, 0]), ("a descriptor", [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0]), ("half an extension", [0x21]) })
                yield return ($"{name}, {what} behind its first frame", [.. frame, .. rest], Accepted);
            yield return ($"{name}, first frame without its end", frame[..^1], Accepted);
            foreach (var cut in new[] { 3, 10, 100 })
                yield return ($"{name}, {cut} bytes cut off its first frame", frame[..^cut], Refused);
            foreach (var cut in name == "animated.gif" ? [3, 10] : Array.Empty<int>())
                yield return ($"{name}, {cut} bytes cut off", image[..^cut], Accepted); // of its last frame
        }
    }

    /// <returns>Behind the first frame's last block.</returns>
    private static int FrameEnd(byte[] gif, int at)
    {
        while (true)
        {
            var isFrame = gif[at] == 0x2C;
            at += isFrame ? 10 + ((gif[at + 9] & 0x80) == 0 ? 0 : 3 << ((gif[at + 9] & 7) + 1)) + 1 : 2;
            for (; gif[at] != 0; at += gif[at] + 1)
            {
            }
            at++;
            if (isFrame)
                return at;
        }
    }

    private static IEnumerable<(string, byte[], bool)> Webps()
    {
        foreach (var name in new[] { "lossy.webp", "lossless.webp", "turned-6.webp", "animated.webp" })
        {
            var image = Read(name);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(4));
            foreach (var more in new uint[] { 0, 1, 2, 8, 1000 })
                yield return ($"{name}, {more} bytes promised too many", [.. image[..4], .. Little(length + more), .. image[8..]], Accepted);
            yield return ($"{name}, nothing promised", [.. image[..4], .. Little(0), .. image[8..]], Refused);
            yield return ($"{name}, zeros behind it", [.. image, .. new byte[9]], Accepted);
            yield return ($"{name}, text behind its pixels", [.. image[..4], .. Little(length + 12), .. image[8..], .. "XMP "u8, 4, 0, 0, 0, .. "text"u8], Accepted);
            yield return ($"{name}, 100 bytes cut off", image[..^100], name == "turned-6.webp" ? Accepted : Refused); // of what follows its pixels
        }
    }

    private static IEnumerable<(string, byte[], bool)> Avifs()
    {
        foreach (var name in new[] { "plain.avif", "grid.avif", "turned-1.avif", "turned-by-camera.avif" })
        {
            var image = Read(name);
            var at = 0;
            var (start, meta, data) = (Next(), Next(), Next());
            byte[] free = Picture.Box("free", new byte[50]);
            foreach (var (what, bytes) in new (string, byte[])[] { ("a zero", [0]), ("zeros", new byte[100]), ("text", "junkjunkjunk"u8.ToArray()), ("free", free) })
                yield return ($"{name}, {what} behind it", [.. image, .. bytes], Accepted);
            yield return ($"{name}, free before the data", [.. start, .. Moved(meta, free.Length), .. free, .. data], Accepted);
            yield return ($"{name}, free first", [.. start, .. free, .. Moved(meta, free.Length), .. data], Accepted);
            yield return ($"{name}, data first", [.. start, .. data, .. Moved(meta, -meta.Length)], Accepted);
            yield return ($"{name}, data to the end", [.. start, .. meta, 0, 0, 0, 0, .. data[4..]], Accepted);
            yield return ($"{name}, data to the end, and zeros", [.. start, .. meta, 0, 0, 0, 0, .. data[4..], .. new byte[20]], Accepted);
            yield return ($"{name}, data of 64-bit length", [.. start, .. Moved(meta, 8), 0, 0, 0, 1, .. "mdat"u8, 0, 0, 0, 0, .. Picture.Big((uint)data.Length + 8), .. data[8..]], Accepted);
            yield return ($"{name}, data in a free box", [.. start, .. meta, .. data[..4], .. "free"u8, .. data[8..]], Accepted);
            yield return ($"{name}, another major brand", [.. start[..8], .. "mif1"u8, .. start[12..], .. meta, .. data], Accepted);
            foreach (var cut in new[] { 1, 10, 100 })
                yield return ($"{name}, {cut} bytes cut off", image[..^cut], Refused);

            byte[] late = [.. start, .. data, .. Longer(Moved(meta, -meta.Length), free)];
            yield return ($"{name}, data first, and something behind what is said of it", late, Accepted);
            yield return ($"{name}, cut off behind what is said of it", late[..^10], Refused);

            byte[] Next()
            {
                var box = image.AsSpan(at, (int)BinaryPrimitives.ReadUInt32BigEndian(image.AsSpan(at))).ToArray();
                at += box.Length;
                return box;
            }
        }
    }

    /// <summary>The same, with everything that it points to so many bytes further on: version 0, offsets and lengths of four bytes.</summary>
    private static byte[] Moved(byte[] meta, int by)
    {
        byte[] moved = [.. meta];
        var at = moved.AsSpan().IndexOf("iloc"u8) + 4;
        Assert.Equal([0, 0x44, 0], (byte[])[moved[at], moved[at + 4], moved[at + 5]]);
        var items = BinaryPrimitives.ReadUInt16BigEndian(moved.AsSpan(at + 6));
        for (at += 8; items > 0; items--)
        {
            var extents = BinaryPrimitives.ReadUInt16BigEndian(moved.AsSpan(at + 4));
            for (at += 6; extents > 0; extents--, at += 8)
                BinaryPrimitives.WriteUInt32BigEndian(moved.AsSpan(at), (uint)(BinaryPrimitives.ReadUInt32BigEndian(moved.AsSpan(at)) + by));
        }
        return moved;
    }

    private static byte[] Longer(byte[] box, byte[] content) => [.. Picture.Big((uint)(box.Length + content.Length)), .. box[4..], .. content];

    private static byte[] Little(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
