using System.Text;

using KlingProxy.Uploads.Formats;
using KlingProxy.Uploads.Keeping;

namespace KlingProxy.Tests.Uploads.Formats;

public sealed class ImageReadingTests
{
    public static TheoryData<string, byte[], string, int, int> Images => new()
    {
        { "PNG",                       Picture.RealPng,                                  "image/png",  40, 30 },
        { "JPEG",                      Picture.RealJpeg,                                 "image/jpeg", 40, 30 },
        { "lossy WebP",                Picture.LossyWebp,                                "image/webp", 40, 30 },
        { "lossless WebP",             Picture.LosslessWebp,                             "image/webp", 40, 30 },
        { "extended WebP",             Picture.ExtendedWebp,                             "image/webp", 40, 30 },
        { "AVIF",                      Picture.RealAvif,                                 "image/avif", 40, 30 },
        { "AVIF whose image comes last", Picture.Avif("avif", primaryLast: true, (640, 480), (40, 30)), "image/avif", 640, 480 },
        { "GIF89a",                    Picture.Gif(640, 480),                            "image/gif",  640, 480 },
        { "GIF87a",                    [.. "GIF87a"u8, .. Picture.Gif(300, 600)[6..]],   "image/gif",  300, 600 },
        { "large PNG",                 Picture.Png(3840, 2160),                          "image/png",  3840, 2160 },
        { "largest PNG",               Picture.Png(65_535, 1),                           "image/png",  65_535, 1 },
        { "progressive JPEG",          Picture.Jpeg(300, 400, frame: 0xC2),              "image/jpeg", 300, 400 },
        { "JPEG after EXIF",           Picture.Jpeg(4000, 3000, before: 50_000),         "image/jpeg", 4000, 3000 },
        { "JPEG with fill bytes",      [0xFF, 0xD8, 0xFF, .. Picture.Jpeg(7, 9)[2..]],   "image/jpeg", 7, 9 },
        { "AVIF with a thumbnail",     Picture.Avif("avif", (1600, 900), (160, 90)),     "image/avif", 1600, 900 },
        { "AVIF with something larger", Picture.Avif("avif", (160, 90), (1600, 900)),    "image/avif", 160, 90 },
        { "AVIF sequence",             Picture.Avif("avis", (800, 600)),                 "image/avif", 800, 600 },
    };

    public static TheoryData<string, byte[]> Disguises => new()
    {
        { "nothing",        [] },
        { "one byte",       [0x89] },
        { "zeros",          new byte[5000] },
        { "HTML",           Encoding.ASCII.GetBytes("<!doctype html><script>alert(1)</script>") },
        { "SVG",            Encoding.ASCII.GetBytes("<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>") },
        { "XML",            Encoding.ASCII.GetBytes("<?xml version=\"1.0\"?><svg/>") },
        { "PDF",            Encoding.ASCII.GetBytes("%PDF-1.7\n1 0 obj") },
        { "ZIP",            [.. "PK"u8, 3, 4, .. new byte[100]] },
        { "ELF",            [0x7F, .. "ELF"u8, .. new byte[100]] },
        { "GZIP",           [0x1F, 0x8B, 8, .. new byte[100]] },
        { "BMP",            [.. "BM"u8, .. new byte[100]] },
        { "TIFF",           [.. "II*"u8, .. new byte[100]] },
        { "HEIC",           Picture.Avif("heic", (800, 600)) },
        { "MP4",            Picture.Avif("isom", (800, 600)) },
        { "WAV",            [.. "RIFF"u8, 0, 1, 0, 0, .. "WAVEfmt "u8, .. new byte[100]] },
        { "PNG, one bit off", [0x88, .. Picture.RealPng[1..]] },
        { "PNG in a text transfer", [0x89, .. "PNG\n"u8, 0x1A, (byte)'\n', .. Picture.RealPng[8..]] },
        { "image after a space", [(byte)' ', .. Picture.RealPng] },
    };

    public static TheoryData<string, byte[]> Broken => new()
    {
        { "PNG of no width",               Picture.Png(0, 400) },
        { "PNG of no height",              Picture.Png(400, 0) },
        { "PNG beyond reason",             Picture.Png(65_536, 400) },
        { "PNG of 2^31 pixels a side",     Picture.Png(0x8000_0000, 0x8000_0000) },
        { "PNG that begins otherwise",     [.. Picture.RealPng[..12], .. "CgBI"u8, .. new byte[50]] },
        { "JPEG whose height comes later", Picture.Jpeg(400, 0) },
        { "JPEG without a frame",          [0xFF, 0xD8, 0xFF, 0xDA, 0, 8, .. new byte[100]] },
        { "JPEG that ends at once",        [0xFF, 0xD8, 0xFF, 0xD9, .. new byte[100]] },
        { "JPEG with a negative segment",  [0xFF, 0xD8, 0xFF, 0xE0, 0, 1, .. new byte[100]] },
        { "JPEG without markers",          [0xFF, 0xD8, 0xFF, 0xE0, 0, 2, .. new byte[100]] },
        { "GIF of no size",                Picture.Gif(0, 0) },
        { "WebP of an unknown kind",       [.. "RIFF"u8, 0, 1, 0, 0, .. "WEBPICCP"u8, .. new byte[100]] },
        { "WebP that starts in between",   [.. Picture.LossyWebp[..20], 0xFF, .. Picture.LossyWebp[21..]] },
        { "WebP without its start code",   [.. Picture.LossyWebp[..23], 0, .. Picture.LossyWebp[24..]] },
        { "lossless WebP, unsigned",       [.. Picture.LosslessWebp[..20], 0, .. Picture.LosslessWebp[21..]] },
        { "AVIF without sizes",            Picture.Avif("avif") },
        { "AVIF with a box of 4 bytes",    [.. Picture.RealAvif[..32], 0, 0, 0, 4, .. "meta"u8, .. new byte[100]] },
        { "AVIF with an endless box",      [.. Picture.RealAvif[..32], 0, 0, 0, 0, .. "mdat"u8, .. new byte[100]] },
        { "AVIF with a box of 2^63 bytes", [.. Picture.RealAvif[..32], 0, 0, 0, 1, .. "mdat"u8, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, .. new byte[100]] },
    };

    [Theory, MemberData(nameof(Images))]
    public void Reads_what_an_image_is_and_measures(string kind, byte[] bytes, string type, int width, int height)
    {
        var image = new ImageReading(bytes);

        Assert.Equal((kind, type, new PixelSize((uint)width, (uint)height), true), (kind, image.Format?.MediaType, image.Size, image.IsWhole));
    }

    [Theory, MemberData(nameof(Images))]
    public void Reads_the_same_in_portions_of_any_size(string kind, byte[] bytes, string type, int width, int height)
    {
        foreach (var portion in new[] { 1, 2, 3, 7, 1000 })
        {
            var image = new ImageReading(bytes.AsSpan(0, Math.Min(64, bytes.Length)));
            for (var at = 64; at < bytes.Length; at += portion)
                image.Read(bytes.AsSpan(at, Math.Min(portion, bytes.Length - at)));

            Assert.Equal((kind, type, new PixelSize((uint)width, (uint)height), true), (kind, image.Format?.MediaType, image.Size, image.IsWhole));
        }
    }

    [Theory, MemberData(nameof(Images))]
    public void Knows_when_the_end_is_missing_and_does_not_mind_what_follows_it(string kind, byte[] bytes, string type, int width, int height)
    {
        var isTrailed = type == "image/gif"; // by a byte without which all pixels are there
        for (var length = 64; length < bytes.Length - (isTrailed ? 1 : 0); length += Math.Max(1, bytes.Length / 500))
        {
            var image = new ImageReading(bytes.AsSpan(0, length));
            Assert.False(image.IsWhole, $"{kind}, {type}, {length} bytes");
            Assert.True(image.IsUndecided || image.Size == new PixelSize((uint)width, (uint)height), $"{kind}, {length} bytes");
        }
        Assert.Equal(isTrailed, new ImageReading(bytes.AsSpan(0, bytes.Length - 1)).IsWhole);
        Assert.True(new ImageReading([.. bytes, .. "PK\u0003\u0004 and more"u8]).IsWhole, kind);
        Assert.True(new ImageReading([.. bytes, .. new byte[1000]]).IsWhole, kind);
    }

    public static TheoryData<string, byte[], bool> ExifBlocks => new()
    {
        { "big-endian",             [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0],                      true },
        { "little-endian",          [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0],                      true },
        { "with its name",          [.. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 5, 0, 0],             true },
        { "behind other entries",   [.. "MM\0*"u8, 0, 0, 0, 8, 0, 2, 0x01, 0x0F, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 7, 0, 0], true },
        { "directory further on",   [.. "MM\0*"u8, 0, 0, 0, 12, 9, 9, 9, 9, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0],         true },
        { "upside down",            [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 3, 0, 0],                      false },
        { "an unknown orientation", [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 9, 0, 0],                      false },
        { "not a short",            [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 4, 0, 0, 0, 1, 0, 6, 0, 0],                      false },
        { "directory outside",      [.. "MM\0*"u8, 0, 0, 1, 0, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0],                      false },
        { "directory backwards",    [.. "MM\0*"u8, 0, 0, 0, 0, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0],                      false },
        { "no TIFF",                [.. "NO\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0],                      false },
        { "cut off",                [.. "MM\0*"u8, 0, 0, 0, 8, 0, 9, 0x01, 0x0F, 0, 2, 0, 0, 0, 4, 0, 0, 0, 0, 0x01, 0x12, 0, 3],     false },
    };

    [Theory, MemberData(nameof(ExifBlocks))]
    public void Turns_an_image_as_its_EXIF_data_says(string kind, byte[] exif, bool onItsSide)
    {
        var png = Picture.Png(40, 30);
        var image = new ImageReading([.. png[..^12], 0, 0, 0, (byte)exif.Length, .. "eXIf"u8, .. exif, 0, 0, 0, 0, .. png[^12..]]);

        Assert.Equal((kind, onItsSide ? new PixelSize(30, 40) : new PixelSize(40, 30), true), (kind, image.Size, image.IsWhole));
    }

    [Theory, MemberData(nameof(Disguises))]
    public void Knows_what_is_no_image(string kind, byte[] bytes) => Assert.True(new ImageReading(bytes).Format is null, kind);

    [Theory, MemberData(nameof(Broken))]
    public void Finds_no_size_in_a_broken_header(string kind, byte[] bytes)
    {
        var image = new ImageReading(bytes);

        Assert.NotNull(image.Format);
        Assert.False(image.Size.IsPlausible, kind);
    }

    [Fact]
    public void Survives_every_bit_flip_and_any_noise()
    {
        foreach (var image in Picture.Real)
        {
            for (var bit = 0; bit < image.Length * 8; bit++)
            {
                byte[] flipped = [.. image];
                flipped[bit / 8] ^= (byte)(1 << (bit % 8));
                AssertSane(new ImageReading(flipped));
            }
        }

        var random = new Random(20260801);
        for (var round = 0; round < 20_000; round++)
        {
            var image = Picture.Real[random.Next(Picture.Real.Count)];
            byte[] noisy = [.. image[..random.Next(image.Length + 1)], .. new byte[random.Next(64)]];
            for (var change = random.Next(1, 12); change > 0 && noisy.Length > 0; change--)
                noisy[random.Next(noisy.Length)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            AssertSane(new ImageReading(noisy));
        }
    }

    [Fact]
    public void Ends_on_headers_that_never_do()
    {
        var endless = new byte[8 * HeldImage.Window];

        endless.AsSpan().Fill(0xFF); // fill bytes of a JPEG
        endless[1] = 0xD8;
        Assert.True(new ImageReading(endless).IsUndecided);

        var start = Picture.RealAvif.AsSpan(0, 32).ToArray();
        for (var at = start.Length; at + 12 <= endless.Length; at += 12) // boxes without content, one in another
            new byte[] { 0, 0, 0, 12, (byte)'m', (byte)'e', (byte)'t', (byte)'a', 0, 0, 0, 0 }.CopyTo(endless, at);
        start.CopyTo(endless, 0);
        Assert.True(new ImageReading(endless).Size == default);
    }

    private static void AssertSane(ImageReading image) => Assert.True(image.Format is not null || (image.Size == default && !image.IsWhole));
}
