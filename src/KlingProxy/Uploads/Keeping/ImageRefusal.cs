using System.Globalization;

using KlingProxy.Access;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Models.Input;
using KlingProxy.Spending;
using KlingProxy.Uploads.Formats;

namespace KlingProxy.Uploads.Keeping;

/// <summary>Why an image is not kept. None of it repeats what the caller sent.</summary>
internal static class ImageRefusal
{
    /// <summary>The same, about an image that stood inside a larger body.</summary>
    public static Refusal At(this Refusal refusal, string pointer)
    {
        var errors = refusal.Errors.Count > 0 ? refusal.Errors : [new Violation(pointer, refusal.Problem.Code, refusal.Detail!)];
        return refusal with { Errors = [.. errors.Select(error => error with { Pointer = pointer })] };
    }

    /// <param name="start">The first bytes, if any: what has a name of its own is refused by it, with what to do.</param>
    public static Refusal NotAnImage(ImageLimits limits, ReadOnlySpan<byte> start = default) => new(
        UploadProblems.UnsupportedImage,
        $"The bytes are none of {string.Join(", ", limits.Types)}, whatever they are called."
        + (ForeignFormat.Advice(start, limits) is { } advice ? $" {advice}" : ""));

    /// <summary>Before a byte was sent.</summary>
    /// <param name="mediaType">What it is said to be. Not repeated.</param>
    public static Refusal NotCalledAnImage(ImageLimits limits, string mediaType) => new(
        UploadProblems.UnsupportedImage,
        $"An image must be one of {string.Join(", ", limits.Types)}, and is said to be none. "
            + $"{ForeignFormat.AdviceOfType(mediaType) ?? "Send a picture, or say image/jpeg where it is one: its bytes decide which."}");

    public static Refusal Empty() => new(UploadProblems.UnsupportedImage, "There is no image: not one byte came.");

    public static Refusal Unreadable(ImageFormat format, PixelSize size, long bytes) => new(UploadProblems.UnreadableImage, size == default
        ? $"It begins like {format.MediaType}, but its first {bytes} bytes state no size."
        : $"It begins like {format.MediaType}, but its header states {size} pixels; 1 to {PixelSize.MaxSide} a side and {PixelSize.MaxArea} in all are "
            + "believed.");

    public static Refusal CutOff(ImageFormat format, PixelSize size, long bytes) =>
        new(UploadProblems.UnreadableImage, $"It begins like {format.MediaType} of {size} pixels, but is damaged or cut off: its {bytes} bytes do not reach "
            + "the end that the format marks.");

    public static Refusal Unsuitable(PixelSize size, IReadOnlyList<Violation> errors) => new(
        UploadProblems.UnsuitableImage,
        $"The image is {size} pixels. {string.Join(' ', errors.Select(error => error.Detail))}")
    { Errors = errors };

    /// <param name="bytes">How many it has, where that was said beforehand.</param>
    public static Refusal TooLarge(ImageLimits limits, long? bytes = null) =>
        new(UploadProblems.ImageTooLarge, $"An image may have at most {limits.MaxBytes} bytes; this one has "
            + $"{bytes?.ToString(CultureInfo.InvariantCulture) ?? "more"}.")
        { Figures = [("limit", limits.MaxBytes)] };

    public static Refusal TooSlow() =>
        new(UploadProblems.TooSlow, $"The image came at less than {BodyPlaces.MinBytesPerSecond} bytes a second, or was not there after "
            + $"{BodyPlaces.MaxBodyTime.TotalMinutes:0} minutes.");

    public static Refusal Malformed(string detail) => new(UploadProblems.Malformed, detail);

    /// <summary>It was asked thrice before we gave up; a client may ask again soon.</summary>
    public static Refusal NoStorage() =>
        new(UploadProblems.StorageUnavailable, "fal's storage did not take the image. Nothing was kept.") { RetryAfter = TimeSpan.FromSeconds(5) };

    public static Refusal Frozen() =>
        new(SpendingProblems.Frozen, "Nothing is stored at fal while spending is stopped. Nothing was kept.") { RetryAfter = TimeSpan.FromMinutes(1) };

    /// <param name="left">Until <paramref name="resetsAt"/>, when the day ends.</param>
    public static Refusal QuotaExceeded(UploadQuota quota, UploadUse use, DateTimeOffset resetsAt, TimeSpan left) =>
        new(UploadProblems.QuotaExceeded, string.Create(CultureInfo.InvariantCulture,
        $"Today (UTC) you have stored {use.Uploads} of {quota.Uploads} images and {use.Bytes} of {quota.Bytes} bytes; this one would be too much. Both begin "
            + $"anew in {Math.Ceiling(left.TotalMinutes):0} minutes."))
        {
            RetryAfter = left,
            Figures =
        [
            ("uploads_used", use.Uploads), ("uploads_limit", quota.Uploads), ("bytes_used", use.Bytes), ("bytes_limit", quota.Bytes),
            ("resets_at", UtcTime.Text(resetsAt)),
        ],
        };

    public static Refusal AlreadyThere() => new(UploadProblems.UploadUrlSpent, "This address has taken its image.");

    /// <summary>The credential ended while the bytes came.</summary>
    public static Refusal NoCredential(CredentialEnd end) => new(
        end == CredentialEnd.Over
            ? AccessProblems.Unauthorized
            : AccessProblems.Forbidden, "The credential has lost this right since the request began, or since the address was given. Nothing was kept.");

    /// <summary>What a failure to read the caller's bytes means to the caller; <c>null</c> when it means nothing.</summary>
    /// <param name="malformed">What to say where they end early, or are framed wrongly.</param>
    public static Refusal? Of(Exception failure, ImageLimits limits, string malformed) => failure switch
    {
        _ when BodyFaults.IsTooLarge(failure) => TooLarge(limits),
        _ when BodyFaults.IsTooSlow(failure) => TooSlow(),
        IOException or InvalidDataException => Malformed(malformed),
        _ => null,
    };
}
