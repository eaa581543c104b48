using System.Globalization;

using KlingProxy.Catalog;
using KlingProxy.Problems;

namespace KlingProxy.Uploads;

/// <summary>Whether the model would take an image, by its header. Asked before the first byte leaves for fal.</summary>
internal static class JudgeImage
{
    public static ImageRefusal? Handle(ImageHeader header, ImageLimits limits)
    {
        if (header.Format is not { } format || !limits.Types.Contains(format.MediaType))
            return ImageRefusal.NotAnImage(limits);
        if (header.IsIncomplete || !header.Size.IsPlausible)
            return ImageRefusal.Unreadable(format);

        var size = header.Size;
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
