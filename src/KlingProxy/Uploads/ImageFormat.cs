namespace KlingProxy.Uploads;

/// <summary>A kind of image file that we can tell from its first bytes, whatever it is called.</summary>
/// <param name="Extension">For the name that fal gets.</param>
/// <param name="IsAtStart">Whether a file that begins like this is one.</param>
/// <param name="Measure">Reads width and height as the header states them, before any rotation; zero where there are none.</param>
internal sealed record ImageFormat(string MediaType, string Extension, ImageFormat.Signature IsAtStart, ImageFormat.Ruler Measure)
{
    public delegate bool Signature(ReadOnlySpan<byte> start);

    public delegate PixelSize Ruler(ref HeaderBytes bytes);

    public static readonly IReadOnlyList<ImageFormat> All =
    [
        new("image/jpeg", "jpg", JpegHeader.IsAtStart, JpegHeader.Measure),
        new("image/png", "png", PngHeader.IsAtStart, PngHeader.Measure),
        new("image/webp", "webp", WebpHeader.IsAtStart, WebpHeader.Measure),
        new("image/gif", "gif", GifHeader.IsAtStart, GifHeader.Measure),
        new("image/avif", "avif", AvifHeader.IsAtStart, AvifHeader.Measure),
    ];
}
