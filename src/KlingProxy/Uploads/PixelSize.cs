namespace KlingProxy.Uploads;

internal readonly record struct PixelSize(uint Width, uint Height)
{
    /// <summary>Pixels a side. JPEG can name no more; a larger number in another format is a lie or a decompression bomb.</summary>
    private const uint LargestSide = 65_535;

    public bool IsPlausible => Width is > 0 and <= LargestSide && Height is > 0 and <= LargestSide;

    public ulong Area => (ulong)Width * Height;
}
