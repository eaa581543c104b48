using KlingProxy.Uploads.Formats.Avif;
using KlingProxy.Uploads.Formats.Jpeg;

namespace KlingProxy.Uploads.Formats;

/// <summary>A kind of image file that we can tell from its first bytes, whatever it is called.</summary>
/// <param name="Extension">For the name that fal gets.</param>
/// <param name="IsAtStart">Whether a file that begins like this is one.</param>
/// <param name="Read">Reads size, rotation and end, as they come by; ends without a size, or without an end, where the file is broken.</param>
internal sealed record ImageFormat(string MediaType, string Extension, ImageFormat.Signature IsAtStart, ImageFormat.Reader Read)
{
    /// <summary>
    /// Whether all pixels are there, although the mark of the end is not: asked of such files only, since it means to decode them as far as counting takes.
    /// </summary>
    public Func<Stream, bool> HasAllPixels { get; init; } = static _ => false;

    public delegate bool Signature(ReadOnlySpan<byte> start);

    public delegate IEnumerable<Wait> Reader(PassingBytes bytes, IImageFindings image);

    public static readonly IReadOnlyList<ImageFormat> All =
    [
        new("image/jpeg", "jpg", JpegFormat.IsAtStart, JpegFormat.Read) { HasAllPixels = JpegPixels.AreIn },
        new("image/png", "png", PngFormat.IsAtStart, PngFormat.Read) { HasAllPixels = PngPixels.AreIn },
        new("image/webp", "webp", WebpFormat.IsAtStart, WebpFormat.Read),
        new("image/gif", "gif", GifFormat.IsAtStart, GifFormat.Read) { HasAllPixels = GifPixels.AreIn },
        new("image/avif", "avif", AvifFormat.IsAtStart, AvifFormat.Read),
    ];
}
