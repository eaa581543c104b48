using System.Buffers.Text;

namespace KlingProxy.Catalog;

/// <summary>Judges a data URI without decoding it: <c>data:image/png;base64,…</c>, of an allowed type and size.</summary>
internal static class InlineImage
{
    public static ImageFault? FaultOf(string uri, ImageLimits limits)
    {
        var comma = uri.IndexOf(',', StringComparison.Ordinal);
        var head = comma < 0 ? "" : uri["data:".Length..comma];
        if (!head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
            return new("bad-image-data", "A data URI must read data:image/…;base64, followed by the image in base64.");
        if (!IsAllowed(head[..^";base64".Length], limits))
            return new("unsupported-image", $"An image must be one of {string.Join(", ", limits.Types)}, without parameters.");

        var data = uri.AsSpan(comma + 1);
        if (data.Length > (limits.MaxBytes + 2L) / 3 * 4)
            return TooLarge(limits);

        // White space and missing padding are forgiven by some decoders and not by others.
        if (data.IsEmpty || data.ContainsAny(" \t\r\n") || data.Length % 4 != 0 || !Base64.IsValid(data, out var bytes))
            return new("bad-image-data", "What follows the comma of a data URI must be padded base64, without spaces or line breaks.");

        return bytes > limits.MaxBytes ? TooLarge(limits) : null;
    }

    private static bool IsAllowed(string type, ImageLimits limits) =>
        limits.Types.Contains(type.Equals("image/jpg", StringComparison.OrdinalIgnoreCase) ? "image/jpeg" : type, StringComparer.OrdinalIgnoreCase);

    private static ImageFault TooLarge(ImageLimits limits) => new("image-too-large", $"An image may have at most {limits.MaxBytes} bytes.");
}
