using System.Globalization;

using KlingProxy.Catalog;
using KlingProxy.Problems;

namespace KlingProxy.Uploads;

/// <summary>Whether the model would take an image, by what the image says of itself.</summary>
internal static class JudgeImage
{
    /// <summary>Asked before the first byte leaves for fal.</summary>
    /// <param name="bytes">How many were read.</param>
    public static ImageRefusal? AtStart(ImageReading image, long bytes, ImageLimits limits)
    {
        if (image.Format is not { } format || !limits.Types.Contains(format.MediaType))
            return ImageRefusal.NotAnImage(limits);

        return image.Size.IsPlausible ? OfSize(image.Size, limits) : ImageRefusal.Unreadable(format, image.Size, bytes);
    }

    /// <summary>Asked before the last byte leaves for fal: only now is it known that all is there, and which way up some formats are.</summary>
    /// <param name="bytes">How many there were.</param>
    public static ImageRefusal? AtEnd(ImageReading image, long bytes, ImageLimits limits) =>
        image.IsWhole ? OfSize(image.Size, limits) : ImageRefusal.CutOff(image.Format!, image.Size, bytes);

    private static ImageRefusal? OfSize(PixelSize size, ImageLimits limits)
    {
        var broken = new List<Violation>();
        if (size.Width < limits.MinSide || size.Height < limits.MinSide)
            broken.Add(new("", "too-small", $"Each side must have at least {limits.MinSide} pixels."));
        // Rounded only for people: 0.396 is refused, and shown as what it is.
        var ratio = (decimal)size.Width / size.Height;
        if (ratio < limits.MinRatio || ratio > limits.MaxRatio)
            broken.Add(new("", "ratio", string.Create(CultureInfo.InvariantCulture, $"Width divided by height must lie between {limits.MinRatio:0.00} and {limits.MaxRatio:0.00}; it is {ratio:0.000}.")));

        return broken.Count > 0 ? ImageRefusal.Unsuitable(size, broken) : null;
    }
}
