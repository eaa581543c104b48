using System.Globalization;

using KlingProxy.Http.Problems;
using KlingProxy.Models.Input;
using KlingProxy.Uploads.Formats;

namespace KlingProxy.Uploads.Keeping;

/// <summary>Whether the model would take an image, by what the image says of itself.</summary>
internal static class JudgeImage
{
    /// <summary>Asked as soon as more is known, so that what is wrong is refused before the rest has come.</summary>
    /// <param name="start">The first bytes, where nothing was asked before.</param>
    /// <param name="bytes">How many have come.</param>
    public static Refusal? SoFar(ImageReading image, ReadOnlySpan<byte> start, long bytes, ImageLimits limits)
    {
        if (image.Format is not { } format || !limits.Types.Contains(format.MediaType))
            return ImageRefusal.NotAnImage(limits, start);

        return image.IsUndecided ? null
            : image.Size.IsPlausible ? OfSize(image.Size, limits)
            : ImageRefusal.Unreadable(format, image.Size, bytes);
    }

    /// <summary>Asked when all has come, and before fal hears of it: only now is it known that all is there, and which way up some formats are.</summary>
    /// <param name="bytes">How many there were.</param>
    /// <param name="read">Reads it again: where the mark of its end is missing, its pixels are counted.</param>
    public static Refusal? AtEnd(ImageReading image, long bytes, ImageLimits limits, Func<Stream> read) =>
        !image.Size.IsPlausible ? ImageRefusal.Unreadable(image.Format!, image.Size, bytes)
        : image.IsWhole || image.Format!.HasAllPixels(read()) ? OfSize(image.Size, limits)
        : ImageRefusal.CutOff(image.Format, image.Size, bytes);

    private static Refusal? OfSize(PixelSize size, ImageLimits limits)
    {
        var broken = new List<Violation>();
        if (size.Width < limits.MinSide || size.Height < limits.MinSide)
            broken.Add(new("", "too-small", $"Each side must have at least {limits.MinSide} pixels."));
        // Rounded only for people: 0.396 is refused, and shown as what it is.
        var ratio = (decimal)size.Width / size.Height;
        if (ratio < limits.MinRatio || ratio > limits.MaxRatio)
            broken.Add(new("", "ratio", string.Create(CultureInfo.InvariantCulture,
                $"Width divided by height must lie between {limits.MinRatio:0.00} and {limits.MaxRatio:0.00}; it is {ratio:0.000}.")));

        return broken.Count > 0 ? ImageRefusal.Unsuitable(size, broken) : null;
    }
}
