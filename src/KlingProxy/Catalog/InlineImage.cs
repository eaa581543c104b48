using KlingProxy.Problems;

namespace KlingProxy.Catalog;

/// <summary>Judges a data URI that was taken out of a body: <c>data:image/png;base64,…</c>, of an allowed type and size.</summary>
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
        if (!IsAllowed(uri.Head["data:".Length..^Base64.Length], limits))
            return new("unsupported-image", $"An image must be one of {string.Join(", ", limits.Types)}, without parameters.");
        return uri.IsTooLong ? new("image-too-large", $"An image may have at most {limits.MaxBytes} bytes.")
            : uri.IsBase64 ? null
            : NotBase64();
    }

    private static bool IsAllowed(string type, ImageLimits limits) =>
        limits.Types.Contains(type.Equals("image/jpg", StringComparison.OrdinalIgnoreCase) ? "image/jpeg" : type, StringComparer.OrdinalIgnoreCase);

    // White space and missing padding are forgiven by some decoders and not by others.
    private static ImageFault NotBase64() => new("bad-image-data", "What follows the comma of a data URI must be padded base64, without spaces or line breaks.");
}
