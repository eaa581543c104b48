namespace KlingProxy.Uploads;

/// <summary>What the first bytes of a file say that it is. No pixel is decoded: a decoder fed by strangers is the larger risk.</summary>
/// <param name="Format"><c>null</c> when it is no image that we know.</param>
/// <param name="Size">Zero when the header is broken, or states a size that no image has.</param>
/// <param name="IsIncomplete">The size lies further on than these bytes reach.</param>
internal readonly record struct ImageHeader(ImageFormat? Format, PixelSize Size, bool IsIncomplete)
{
    public static ImageHeader Read(ReadOnlySpan<byte> start)
    {
        foreach (var format in ImageFormat.All)
        {
            if (!format.IsAtStart(start))
                continue;
            var bytes = new HeaderBytes(start);
            var size = format.Measure(ref bytes);
            return new ImageHeader(format, size.IsPlausible && !bytes.RanOut ? size : default, bytes.RanOut);
        }
        return default;
    }
}
