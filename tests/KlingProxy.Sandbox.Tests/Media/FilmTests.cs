using System.Diagnostics;

using KlingProxy.Sandbox.Media;

namespace KlingProxy.Sandbox.Tests.Media;

/// <summary>Films made by the machine's own ffmpeg; CI has one and may not skip.</summary>
public sealed class FilmTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // width, height, seconds, audio, film's size
    public static TheoryData<int, int, int, bool, string> Pictures => new()
    {
        { 2000, 1000, 3, false, "1280x640" },
        { 333,  555,  4, true,  "334x556" },
    };

    [Theory, MemberData(nameof(Pictures))]
    public async Task Zooms_into_the_callers_image_at_its_ratio_for_the_billed_time(int width, int height, int seconds, bool audio, string size)
    {
        NeedsFfmpeg();
        await using var twin = await Twin.Start();
        var id = await twin.Complete(Given.Input(input =>
        {
            input["image_url"] = $"data:image/png;base64,{Convert.ToBase64String(Picture(width, height))}";
            (input["duration"], input["generate_audio"]) = ($"{seconds}", audio);
        }));

        var probe = await Probe(await twin.Http.GetByteArrayAsync(await twin.VideoOf(id), Cancel));

        Assert.Contains($"h264,{size},yuv420p", probe, StringComparison.Ordinal);
        Assert.Contains($"duration={seconds}.000000", probe, StringComparison.Ordinal);
        Assert.Equal(audio, probe.Contains("aac", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Films_an_image_from_its_own_storage()
    {
        NeedsFfmpeg();
        await using var twin = await Twin.Start();
        using var initiated = await twin.Http.PostAsync("/storage/upload/initiate", new StringContent("""{"file_name":"a.png"}"""), Cancel);
        var reply = await Twin.Json(initiated);
        using var put = await twin.Http.PutAsync((string)reply["upload_url"]!, new ByteArrayContent(Picture(400, 400)), Cancel);
        var id = await twin.Complete(Given.Input(input => (input["image_url"], input["duration"]) = ((string)reply["file_url"]!, "3")));

        Assert.Contains("h264,400x400,yuv420p", await Probe(await twin.Http.GetByteArrayAsync(await twin.VideoOf(id), Cancel)), StringComparison.Ordinal);
    }

    // Neither a playlist in disguise nor a broken picture may reach a decoder that would follow it, or fail the job.
    [Theory]
    [InlineData("#EXTM3U\nhttp://127.0.0.1/secret")]
    [InlineData("ffconcat version 1.0\nfile /etc/passwd")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>")]
    [InlineData("\u0089PNG\r\n\u001a\nbut nothing more")]
    [InlineData("")]
    public async Task Anything_else_gets_the_bundled_clip(string image)
    {
        await using var twin = await Twin.Start();
        var clip = await Download(twin, "https://example.com/start.png");

        var film = await Download(twin, $"data:image/png;base64,{Convert.ToBase64String(System.Text.Encoding.Latin1.GetBytes(image))}");

        Assert.Equal(clip, film);
    }

    [Fact]
    public async Task Does_not_film_when_told_so()
    {
        await using var twin = await Twin.Start(options => options with { FilmsFromImage = false });

        var film = await Download(twin, $"data:image/png;base64,{Convert.ToBase64String(Picture(400, 400))}");

        Assert.Equal(await Download(twin, "https://example.com/start.png"), film);
    }

    public static TheoryData<byte[], string?> Formats => new()
    {
        { [0x89, (byte)'P', (byte)'N', (byte)'G', 0], "png_pipe" },
        { [0xFF, 0xD8, 0xFF, 0xE0],                   "jpeg_pipe" },
        { [.. "GIF89a"u8],                            "gif" },
        { [.. "RIFF____WEBPVP8 "u8],                  "webp_pipe" },
        { [.. "\0\0\0\u001cftypavif____"u8],            "mov" },
        { [.. "\0\0\0\u001cftypisom____"u8],            null },
        { [.. "RIFF____AVI LIST"u8],                  null },
        { [.. "#EXTM3U"u8],                           null },
        { [],                                         null },
    };

    [Theory, MemberData(nameof(Formats))]
    public void Reads_a_format_from_its_first_bytes(byte[] image, string? demuxer) => Assert.Equal(demuxer, ImageFormat.DemuxerFor(image));

    private static async Task<byte[]> Download(Twin twin, string image)
    {
        var id = await twin.Complete(Given.Input(input => input["image_url"] = image));
        return await twin.Http.GetByteArrayAsync(await twin.VideoOf(id), Cancel);
    }

    private static void NeedsFfmpeg()
    {
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.True(Ffmpeg.IsHere, "CI must have ffmpeg on PATH.");
        else Assert.SkipUnless(Ffmpeg.IsHere, "There is no ffmpeg on PATH.");
    }

    /// <summary>A PNG without any library: one grey, stored in a zlib stream.</summary>
    private static byte[] Picture(int width, int height)
    {
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk("IHDR"u8, [.. BigEndian(width), .. BigEndian(height), 8, 0, 0, 0, 0]);
        using (var pixels = new MemoryStream())
        {
            using (var zlib = new System.IO.Compression.ZLibStream(pixels, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
                zlib.Write(new byte[(width + 1) * height]);
            Chunk("IDAT"u8, pixels.ToArray());
        }

        Chunk("IEND"u8, []);
        return png.ToArray();

        void Chunk(ReadOnlySpan<byte> type, byte[] data)
        {
            byte[] named = [.. type, .. data];
            png.Write(BigEndian(data.Length));
            png.Write(named);
            png.Write(BigEndian((int)Crc(named)));
        }

        static byte[] BigEndian(int number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }

    private static async Task<string> Probe(byte[] film)
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(path, film, Cancel);
            string[] arguments = ["-v", "error", "-show_entries", "stream=codec_name,width,height,pix_fmt:format=duration", "-of", "default=nw=1", path];
            using var ffprobe = Process.Start(new ProcessStartInfo("ffprobe", arguments) { RedirectStandardOutput = true })!;
            var text = await ffprobe.StandardOutput.ReadToEndAsync(Cancel).Within("ffprobe had spoken");
            return text.Replace("codec_name=h264\nwidth=", "h264,", StringComparison.Ordinal)
                .Replace("\nheight=", "x", StringComparison.Ordinal).Replace("\npix_fmt=", ",", StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
