using System.Buffers.Text;

using KlingProxy.Sandbox.Hosting;
using KlingProxy.Sandbox.Queue;
using KlingProxy.Sandbox.Storage;

namespace KlingProxy.Sandbox.Media;

/// <summary>Makes a job's video, from its own image where that is at hand, and puts it among the files.</summary>
internal sealed class VideoMaker(SandboxState state)
{
    private static readonly Lazy<byte[]> Clip = new(() =>
    {
        using var resource = typeof(VideoMaker).Assembly.GetManifestResourceStream("clip.mp4")!;
        using var bytes = new MemoryStream();
        resource.CopyTo(bytes);
        return bytes.ToArray();
    });

    public async Task<Film> Film(Job job, CancellationToken cancel)
    {
        var filmed = state.Options.FilmsFromImage && Image(job.Input.ImageUrl) is { } image
            ? await ImageFilm.Make(image, job.Input.Seconds, job.Input.Audio, cancel)
            : null;

        var file = new StoredFile(FileStore.NewToken(), Media.Film.FileName, "video/mp4", filmed ?? Clip.Value, job.RequestId);
        state.Files.Put(file);
        return new Film(Address(file), file.Bytes.Length);
    }

    private Uri Address(StoredFile file) =>
        state.Options.FilmsUrl is { } elsewhere ? new Uri(elsewhere.AbsoluteUri.TrimEnd('/') + file.Path) : new Uri(state.Url, file.Path);

    private ReadOnlyMemory<byte>? Image(string? url) => url?.StartsWith("data:", StringComparison.OrdinalIgnoreCase) is true
        ? Decoded(url.AsSpan())
        : state.FileAt(url)?.Bytes;

    private static ReadOnlyMemory<byte>? Decoded(ReadOnlySpan<char> dataUri)
    {
        var comma = dataUri.IndexOf(',');
        if (comma < 0 || !dataUri[..comma].EndsWith(";base64", StringComparison.OrdinalIgnoreCase)) return null;

        var bytes = new byte[Base64Url.GetMaxDecodedLength(dataUri.Length - comma) + 3];
        return Convert.TryFromBase64Chars(dataUri[(comma + 1)..], bytes, out var length) ? bytes.AsMemory(0, length) : null;
    }
}
