using System.Text;

using KlingProxy.Uploads;

namespace KlingProxy.Tests.Uploads;

public sealed class ImageHeaderTests
{
    public static TheoryData<string, byte[], string, int, int> Images => new()
    {
        { "PNG",                       Picture.RealPng,                                  "image/png",  40, 30 },
        { "JPEG",                      Picture.RealJpeg,                                 "image/jpeg", 40, 30 },
        { "lossy WebP",                Picture.LossyWebp,                                "image/webp", 40, 30 },
        { "lossless WebP",             Picture.LosslessWebp,                             "image/webp", 40, 30 },
        { "extended WebP",             Picture.ExtendedWebp,                             "image/webp", 40, 30 },
        { "AVIF",                      Picture.RealAvif,                                 "image/avif", 40, 30 },
        { "GIF89a",                    Picture.Gif(640, 480),                            "image/gif",  640, 480 },
        { "GIF87a",                    [.. "GIF87a"u8, 44, 1, 88, 2],                    "image/gif",  300, 600 },
        { "large PNG",                 Picture.Png(3840, 2160),                          "image/png",  3840, 2160 },
        { "largest PNG",               Picture.Png(65_535, 1),                           "image/png",  65_535, 1 },
        { "progressive JPEG",          Picture.Jpeg(300, 400, frame: 0xC2),              "image/jpeg", 300, 400 },
        { "JPEG after EXIF",           Picture.Jpeg(4000, 3000, before: 50_000),         "image/jpeg", 4000, 3000 },
        { "JPEG with fill bytes",      [0xFF, 0xD8, 0xFF, .. Picture.Jpeg(7, 9)[2..]],   "image/jpeg", 7, 9 },
        { "AVIF with a thumbnail",     Picture.Avif("avif", (160, 90), (1600, 900)),     "image/avif", 1600, 900 },
        { "AVIF with a thumbnail last", Picture.Avif("avif", (1600, 900), (160, 90)),    "image/avif", 1600, 900 },
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
        var header = ImageHeader.Read(bytes);

        Assert.Equal((type, (uint)width, (uint)height, false), (header.Format?.MediaType, header.Size.Width, header.Size.Height, header.IsIncomplete));
        Assert.NotEmpty(kind);
    }

    [Theory, MemberData(nameof(Disguises))]
    public void Knows_what_is_no_image(string kind, byte[] bytes) => Assert.True(ImageHeader.Read(bytes).Format is null, kind);

    [Theory, MemberData(nameof(Broken))]
    public void Finds_no_size_in_a_broken_header(string kind, byte[] bytes)
    {
        var header = ImageHeader.Read(bytes);

        Assert.NotNull(header.Format);
        Assert.True(header.Size == default, kind);
    }

    [Theory, MemberData(nameof(Images))]
    public void Asks_for_more_while_the_size_is_not_there(string kind, byte[] bytes, string type, int width, int height)
    {
        var known = false;
        for (var length = 16; length <= bytes.Length; length++)
        {
            var header = ImageHeader.Read(bytes.AsSpan(0, length));
            if (header.Format is null)
                continue; // the brands of an AVIF are not all there
            Assert.True(header.IsIncomplete ? !known : header.Size == new PixelSize((uint)width, (uint)height), $"{kind}, {type}, {length} bytes");
            known |= !header.IsIncomplete;
        }
        Assert.True(known || bytes.Length < 16);
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
                AssertSane(ImageHeader.Read(flipped));
            }
        }

        var random = new Random(20260801);
        for (var round = 0; round < 20_000; round++)
        {
            var image = Picture.Real[random.Next(Picture.Real.Count)];
            byte[] noisy = [.. image[..random.Next(image.Length + 1)], .. new byte[random.Next(64)]];
            for (var change = random.Next(1, 12); change > 0 && noisy.Length > 0; change--)
                noisy[random.Next(noisy.Length)] = random.Next(3) switch { 0 => 0xFF, 1 => 0, _ => (byte)random.Next(256) };
            AssertSane(ImageHeader.Read(noisy));
        }
    }

    [Fact]
    public void Ends_on_headers_that_never_do()
    {
        var endless = new byte[ImageStart.LargestWindow];

        endless.AsSpan().Fill(0xFF); // fill bytes of a JPEG
        endless[1] = 0xD8;
        Assert.True(ImageHeader.Read(endless).IsIncomplete);

        var meta = Picture.RealAvif.AsSpan(0, 32).ToArray();
        for (var at = meta.Length; at + 12 <= endless.Length; at += 12) // boxes without content, one in another
            new byte[] { 0, 0, 0, 12, (byte)'m', (byte)'e', (byte)'t', (byte)'a', 0, 0, 0, 0 }.CopyTo(endless, at);
        meta.CopyTo(endless, 0);
        Assert.True(ImageHeader.Read(endless).Size == default);
    }

    private static void AssertSane(ImageHeader header) =>
        Assert.True(header.Size == default || (header.Format is not null && header.Size.IsPlausible && !header.IsIncomplete));
}
