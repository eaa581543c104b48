using System.Buffers.Binary;

namespace KlingProxy.Tests.Uploads.Formats;

/// <summary>Small real images of 40 × 30 pixels, written by ffmpeg; and headers made to measure.</summary>
internal static class Picture
{
    public static readonly byte[] RealPng = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAACgAAAAeCAIAAADRv8uKAAAACXBIWXMAAAABAAAAAQBPJcTWAAAAKElEQVR4nO3NsQ0AAAgDoF6ur/cMHUjYSWZviMVisVgsFovFYrH4b1zEB6It0Kc9sgAAAABJRU"
        + "5ErkJggg==");

    public static readonly byte[] RealJpeg = Convert.FromBase64String(
        "/9j/4AAQSkZJRgABAgAAAQABAAD/2wBDAAgEBAQEBAUFBQUFBQYGBgYGBgYGBgYGBgYHBwcICAgHBwcGBgcHCAgICAkJCQgICAgJCQoKCgwMCwsODg4RERT/xABNAAEBAAAAAAAAAAAAAAAAAAAABg"
        + "EBAQEAAAAAAAAAAAAAAAAAAAUHEAEAAAAAAAAAAAAAAAAAAAAAEQEAAAAAAAAAAAAAAAAAAAAA/8AAEQgAHgAoAwEiAAIRAAMRAP/aAAwDAQACEQMRAD8AmQFZn4AAAAAAAAAD/9k=");

    public static readonly byte[] LossyWebp = Convert.FromBase64String(
        "UklGRkQAAABXRUJQVlA4IDgAAAAwAwCdASooAB4APpFGnkslo6KhpWgAsBIJZwB2AABX74bgAP7sJl/60LQgc//+Ur+fPyD4ZAAAAA==");

    public static readonly byte[] LosslessWebp = Convert.FromBase64String(
        "UklGRhwAAABXRUJQVlA4TBAAAAAvJ0AHAAdQwChg/wMR0f8A");

    public static readonly byte[] ExtendedWebp = Convert.FromBase64String(
        "UklGRmgAAABXRUJQVlA4WAoAAAAQAAAAJwAAHQAAQUxQSAoAAAABB9C/iAhERP8DVlA4IDgAAAAwAwCdASooAB4APpFGnkslo6KhpWgAsBIJZwB2AABX74bgAP7sJl/60LQgc//+Ur+fPyD4ZAAAAA"
        + "==");

    public static readonly byte[] RealAvif = Convert.FromBase64String(
        "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAAD5bWV0YQAAAAAAAAAvaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAFBpY3R1cmVIYW5kbGVyAAAAAA5waXRtAAAAAAABAAAAHmlsb2"
        + "MAAAAARAAAAQABAAAAAQAAASEAAAAXAAAAKGlpbmYAAAAAAAEAAAAaaW5mZQIAAAAAAQAAYXYwMUNvbG9yAAAAAGppcHJwAAAAS2lwY28AAAAUaXNwZQAAAAAAAAAoAAAAHgAAABBwaXhpAAAAAAMI"
        + "CAgAAAAMYXYxQ4EADAAAAAATY29scm5jbHgAAgACAAIAAAAAF2lwbWEAAAAAAAAAAQABBAECgwQAAAAfbWRhdAoGGBUn60AQMg0fAAAAWAAACz4g+LIY");

    public static readonly IReadOnlyList<byte[]> Real = [RealPng, RealJpeg, LossyWebp, LosslessWebp, ExtendedWebp, RealAvif, Gif(40, 30)];

    /// <param name="length">In bytes, mostly zeros where the pixels would be.</param>
    public static byte[] Png(uint width, uint height, int length = 1000)
    {
        byte[] start = [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR", [.. Big(width), .. Big(height), 8, 2, 0, 0, 0])];
        byte[] end = Chunk("IEND", []);
        return [.. start, .. Chunk("IDAT", new byte[length - start.Length - end.Length - 12]), .. end];
    }

    /// <summary>A whole PNG, but for its pixels: in their place stands a chunk of something else.</summary>
    public static byte[] PngOf(uint width, uint height, string chunk, string content) =>
        [0x89, .. "PNG\r\n"u8, 0x1A, (byte)'\n', .. Chunk("IHDR", [.. Big(width), .. Big(height), 8, 2, 0, 0, 0]), .. Chunk(chunk, System.Text.Encoding.Latin1.GetBytes(content)), .. Chunk("IEND", [])];

    public static byte[] Gif(ushort width, ushort height) =>
        [.. "GIF89a"u8, .. Little(width), .. Little(height), 0, 0, 0, 0x2C, 0, 0, 0, 0, .. Little(width), .. Little(height), 0, 2, 1, 0, 0, 0x3B];

    /// <param name="before">Bytes of application data before the frame header, as cameras write them; in segments of at most 64 KiB.</param>
    /// <param name="pixels">Bytes of zeros where the coded pixels would be.</param>
    public static byte[] Jpeg(ushort width, ushort height, int before = 0, byte frame = 0xC0, int pixels = 10)
    {
        var bytes = new List<byte> { 0xFF, 0xD8 };
        for (var left = before; left > 0; left -= 65_533)
        {
            var content = Math.Min(left, 65_533);
            bytes.AddRange([0xFF, 0xE1, .. Big((ushort)(content + 2)), .. new byte[content]]);
        }
        return [.. bytes, 0xFF, frame, 0, 17, 8, .. Big(height), .. Big(width), 3, .. new byte[9], 0xFF, 0xDA, 0, 8, .. new byte[6], .. new byte[pixels], 0xFF, 0xD9];
    }

    /// <summary>The first of the sizes is the image's own, the others of its thumbnails.</summary>
    public static byte[] Avif(string brand, params (uint Width, uint Height)[] sizes) => Avif(brand, primaryLast: false, sizes);

    /// <param name="primaryLast">Which item is the image is said behind what the items are: the order is free.</param>
    public static byte[] Avif(string brand, bool primaryLast, params (uint Width, uint Height)[] sizes)
    {
        byte[] extents = [.. sizes.SelectMany(size => Box("ispe", [0, 0, 0, 0, .. Big(size.Width), .. Big(size.Height)]))];
        byte[] primary = Box("pitm", [0, 0, 0, 0, 0, 1]);
        byte[] owners = [.. sizes.SelectMany((_, at) => new byte[] { 0, (byte)(at + 1), 1, (byte)(at + 1) })];
        byte[] properties = Box("iprp", [.. Box("ipco", extents), .. Box("ipma", [0, 0, 0, 0, .. Big((uint)sizes.Length), .. owners])]);
        byte[] ftyp = Box("ftyp", [.. "mif1"u8, 0, 0, 0, 0, .. System.Text.Encoding.ASCII.GetBytes(brand)]);
        byte[] free = Box("free", new byte[100]);
        return [.. ftyp, .. free, .. Meta(at: (uint)(ftyp.Length + free.Length + Meta(0).Length + 8)), .. Box("mdat", new byte[50])];

        byte[] Meta(uint at)
        {
            byte[] place = Box("iloc", [0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1, .. Big(at), 0, 0, 0, 50]);
            return Box("meta", [0, 0, 0, 0, .. Box("hdlr", new byte[25]), .. primaryLast ? properties : primary, .. place, .. primaryLast ? primary : properties]);
        }
    }

    public static byte[] Chunk(string type, byte[] content) => [.. Big((uint)content.Length), .. System.Text.Encoding.ASCII.GetBytes(type), .. content, 0, 0, 0, 0];

    public static byte[] Box(string type, byte[] content) => [.. Big((uint)content.Length + 8), .. System.Text.Encoding.ASCII.GetBytes(type), .. content];

    public static byte[] Big(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    public static byte[] Big(ushort value) => [(byte)(value >> 8), (byte)value];

    private static byte[] Little(ushort value) => [(byte)value, (byte)(value >> 8)];
}
