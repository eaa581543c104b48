using System.Buffers.Binary;

using KlingProxy.Models.Input;
using KlingProxy.Uploads.Formats.Avif;

namespace KlingProxy.Uploads.Formats;

/// <summary>Files that people take for pictures that the model reads, told by their first bytes; and what to do with one.</summary>
internal static class ForeignFormat
{
    private const string Convert = "Save it as JPEG or PNG first.";
    private const string Video = "This is a video. Send a still of it, as JPEG or PNG.";
    private const string Pdf = "This is PDF. Save the page as JPEG or PNG first.";

    private static readonly (string Brands, string Advice)[] OfBoxes =
    [
        ("heic heix heim heis hevc hevx hevm hevs mif1 msf1", "This is HEIC, an iPhone's own format. Share or export the picture as JPEG; Settings > Camera > "
            + "Formats > Most Compatible makes new ones JPEG."),
        ("crx ", "This is a camera's raw file (CR3). Develop it and save it as JPEG."),
        ("isom iso2 iso4 iso5 iso6 mp41 mp42 avc1 qt   M4V  3gp4 3gp5", Video),
    ];

    /// <param name="limits">They know the field that takes an image otherwise.</param>
    /// <returns>One or two sentences; <c>null</c> for what has no name here.</returns>
    public static string? Advice(ReadOnlySpan<byte> start, ImageLimits limits)
    {
        foreach (var (brands, advice) in OfBoxes)
        {
            if (AvifFormat.HasBrand(start, brand => IsAmong(brands, brand)))
                return advice;
        }
        return start switch
        {
            [0xFF, 0x0A, ..] or [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', ..] => $"This is JPEG XL. {Convert}",
            [0, 0, 0, 12, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..] => $"This is JPEG 2000. {Convert}",
            [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => $"This is TIFF, or a camera's raw file. {Convert}",
            [(byte)'B', (byte)'M', ..] => $"This is BMP. {Convert}",
            [(byte)'8', (byte)'B', (byte)'P', (byte)'S', ..] => $"This is a Photoshop document. {Convert}",
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', ..] => Pdf,
            [0x1F, 0x8B, ..] => "This is compressed with gzip. Send the image's own bytes.",
            [(byte)'d', (byte)'a', (byte)'t', (byte)'a', (byte)':', ..] =>
                $"This is a data URI. Decode it first; or put it into `{limits.Fields[0]}` of a job.",
            [(byte)'/', (byte)'9', (byte)'j', (byte)'/', ..] or [(byte)'i', (byte)'V', (byte)'B', (byte)'O', (byte)'R', ..]
                or [(byte)'U', (byte)'k', (byte)'l', (byte)'G', ..] =>
                "This is base64. Decode it first.",
            [(byte)'{', ..] => $"This is JSON. Send the image's own bytes, or a form; an address or a data URI goes into `{limits.Fields[0]}` of a job.",
            [(byte)'-', (byte)'-', ..] => "This looks like a form. Send it as multipart/form-data; whoever wrote it knows its boundary.",
            _ when IsSvg(start) => "This is SVG. Draw it, and save it as PNG first.",
            _ => null,
        };
    }

    /// <summary>The same, where nothing but a media type is known, and no byte.</summary>
    /// <returns><c>null</c> for what has no name here.</returns>
    public static string? AdviceOfType(string mediaType) =>
        mediaType.StartsWith("video/", StringComparison.OrdinalIgnoreCase) ? Video
        : mediaType.StartsWith("application/pdf", StringComparison.OrdinalIgnoreCase) ? Pdf
        : null;

    private static bool IsAmong(string brands, uint brand)
    {
        Span<byte> name = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(name, brand);
        for (var at = 0; at + 4 <= brands.Length; at += 5)
        {
            if (System.Text.Ascii.Equals(name, brands.AsSpan(at, 4)))
                return true;
        }
        return false;
    }

    private static bool IsSvg(ReadOnlySpan<byte> start) =>
        start.TrimStart(" \t\r\n"u8).StartsWith("<"u8) && start[..Math.Min(start.Length, 1024)].IndexOf("<svg"u8) >= 0;
}
