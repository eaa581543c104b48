using KlingProxy.Http.Bodies;

namespace KlingProxy.Models.Input;

/// <summary>
/// Judges a data URI that was taken out of a body: <c>data:image/png;base64,…</c>, of an allowed size, and not called something else. What its bytes
/// are is asked when it becomes an upload.
/// </summary>
internal static class InlineImage
{
    private const string Base64 = ";base64";

    /// <param name="uri"><c>null</c> where something in it could not be part of any.</param>
    public static ImageFault? FaultOf(DataUri? uri, ImageLimits limits)
    {
        if (uri is null)
            return NotBase64();
        if (!uri.HasComma || !uri.Head.EndsWith(Base64, StringComparison.OrdinalIgnoreCase))
            return new("bad-image-data", "A data URI must read data:image/…;base64, followed by the image in base64.");
        if (!ImageLabel.MayBeImage(uri.Head["data:".Length..^Base64.Length]))
            return new("unsupported-image", $"An image must be one of {string.Join(", ", limits.Types)}; this data URI says that it is no image. Of a film or "
                + "a page, send a still as JPEG or PNG.");
        return uri.IsTooLong || uri.Length > limits.MaxBytes ? new("image-too-large", $"An image may have at most {limits.MaxBytes} bytes.")
            : uri.IsBase64 ? null
            : NotBase64();
    }

    // White space and missing padding are forgiven by some decoders and not by others.
    private static ImageFault NotBase64() =>
        new("bad-image-data", "What follows the comma of a data URI must be padded base64, without spaces or line breaks.");
}
