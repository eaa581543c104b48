using System.Globalization;

namespace KlingProxy.Uploads.Formats;

internal readonly record struct PixelSize(uint Width, uint Height)
{
    /// <summary>Pixels a side. JPEG can name no more.</summary>
    public const uint MaxSide = 65_535;

    /// <summary>In pixels. Beyond, Pillow, with which most models open images, refuses to decode: a decompression bomb.</summary>
    public const ulong MaxArea = 178_956_970;

    public bool IsPlausible => Width is > 0 and <= MaxSide && Height is > 0 and <= MaxSide && (ulong)Width * Height <= MaxArea;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width} × {Height}");
}
