namespace KlingProxy.Sandbox.Media;

/// <summary>
/// The image's format by its own first bytes, as the name of the one ffmpeg demuxer that may read it.
/// Left to guess, ffmpeg would also open playlists, which name other files.
/// </summary>
internal static class ImageFormat
{
    public static string? DemuxerFor(ReadOnlySpan<byte> image) => image switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "png_pipe",
        [0xFF, 0xD8, 0xFF, ..] => "jpeg_pipe",
        [(byte)'G', (byte)'I', (byte)'F', (byte)'8', ..] => "gif",
        _ when image.Length > 12 && image.StartsWith("RIFF"u8) && image[8..].StartsWith("WEBP"u8) => "webp_pipe",
        _ when image.Length > 12 && image[4..].StartsWith("ftypavi"u8) => "mov",
        _ => null,
    };
}
