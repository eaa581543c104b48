using System.Globalization;

namespace KlingProxy.Sandbox.Media;

/// <summary>A gentle zoom into a still image. Images are strangers' bytes: whatever goes wrong, there is simply no film.</summary>
internal static class ImageFilm
{
    private const int FramesPerSecond = 24;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly SemaphoreSlim Cameras = new(Math.Max(1, Environment.ProcessorCount / 2)); // an encoder keeps two cores busy

    public static async Task<byte[]?> Make(ReadOnlyMemory<byte> image, int seconds, bool audio, CancellationToken cancel)
    {
        if (!Ffmpeg.IsHere || ImageFormat.DemuxerFor(image.Span) is not { } demuxer) return null;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Limit); // real time: a process does not know of turned clocks
        try
        {
            await Cameras.WaitAsync(limit.Token);
            try
            {
                return await Encode(image, demuxer, seconds, audio, limit.Token);
            }
            finally
            {
                Cameras.Release();
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<byte[]?> Encode(ReadOnlyMemory<byte> image, string demuxer, int seconds, bool audio, CancellationToken limit)
    {
        var folder = Directory.CreateTempSubdirectory("klingproxy-sandbox-").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, "image"), image, limit);
            if (!await Ffmpeg.Run(folder, Still(demuxer), limit)) return null;

            var (width, height) = await SizeOf(Path.Combine(folder, "still.ppm"), limit);
            if (!await Ffmpeg.Run(folder, Zoom(width, height, seconds, audio), limit)) return null;

            return await File.ReadAllBytesAsync(Path.Combine(folder, Film.FileName), limit);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>First the image becomes the plainest of formats at the final size: long side at most 1280, both even.</summary>
    private static string[] Still(string demuxer)
    {
        const string Fit = "min(1,1280/max(iw,ih))/2";
        return
        [
            "-protocol_whitelist", "file", "-f", demuxer, "-max_pixels", "100000000", "-i", "file:image",
            "-frames:v", "1", "-vf", $"scale=w='2*max(1,round(iw*{Fit}))':h='2*max(1,round(ih*{Fit}))',format=rgb24",
            "-f", "image2", "-update", "1", "-c:v", "ppm", "file:still.ppm",
        ];
    }

    /// <summary>Zooms at double size, because zoompan moves by whole pixels and would tremble.</summary>
    private static string[] Zoom(int width, int height, int seconds, bool audio)
    {
        var frames = seconds * FramesPerSecond;
        var zoom = $"scale={width * 2}:{height * 2},zoompan=z='1+0.1*on/{frames}':x='iw/2-iw/zoom/2':y='ih/2-ih/zoom/2':" +
            $"d={frames}:s={width}x{height}:fps={FramesPerSecond},format=yuv420p";
        string[] silence = audio ? ["-f", "lavfi", "-i", "anullsrc=r=44100:cl=stereo"] : [];
        return
        [
            "-protocol_whitelist", "file", "-f", "ppm_pipe", "-i", "file:still.ppm", .. silence,
            "-vf", zoom, "-t", seconds.ToString(CultureInfo.InvariantCulture),
            "-c:v", "libx264", "-preset", "ultrafast", "-crf", "28", "-c:a", "aac", "-b:a", "32k",
            "-movflags", "+faststart", "-fs", "20000000", $"file:{Film.FileName}",
        ];
    }

    /// <summary>A PPM begins <c>P6</c>, then width and height in text.</summary>
    private static async Task<(int Width, int Height)> SizeOf(string still, CancellationToken limit)
    {
        using var reader = new StreamReader(still);
        await reader.ReadLineAsync(limit);
        var size = (await reader.ReadLineAsync(limit))!.Split(' ');
        return (int.Parse(size[0], CultureInfo.InvariantCulture), int.Parse(size[1], CultureInfo.InvariantCulture));
    }
}
