using KlingProxy.Http.Problems;

namespace KlingProxy.Uploads;

/// <summary>Why an image is not kept.</summary>
internal static class UploadProblems
{
    public static readonly Problem
        NotFound = new("upload-not-found", 404, "There is no such upload.", "Somebody else's upload answers exactly like a missing one."),
        ImageTooLarge = new("image-too-large", 413, "The image is too large.",
            "The detail names the limit in bytes. Compress or shrink the image; GET /v1/models lists all limits."),
        UnsupportedImage = new("unsupported-image", 415, "This is not an image of a supported type.",
            "Only the bytes count, not the file's name or declared type. Convert the image to JPEG, PNG, WebP, GIF or AVIF."),
        TooSlow = new("upload-too-slow", 408, "The image came too slowly.",
            "The detail names the least rate, after ten seconds to get going. Nothing was kept. Send a smaller image, or try again on a better connection."),
        UnreadableImage = new("unreadable-image", 422, "The image cannot be read.",
            "It is damaged, cut off, or its header states no size; the detail says which. Save it again with an image editor."),
        UnsuitableImage = new("unsuitable-image", 422, "The model does not take an image like this.",
            "The detail names its size in pixels and the rules it breaks. Crop or enlarge it; GET /v1/models lists all limits.")
        {
            Typical = new("", "too-small", "Each side must have at least 300 pixels."),
        },
        UploadUrlSpent = new("upload-url-spent", 403, "This upload address cannot be used.",
            "Each takes one image, within a quarter of an hour. Ask for a new one."),
        QuotaExceeded = new("upload-quota-exceeded", 429, "You have stored enough images for today.",
            "The detail has the figures, and so have fields. What you stored can be used on; the same image again costs nothing. Come back after Retry-After, "
                + "at 00:00 UTC."),
        StorageUnavailable = new("storage-unavailable", 503, "fal's storage could not be reached.", "Nothing was kept or spent. Try again after Retry-After.");

    public static readonly IReadOnlyList<Problem> All =
        [NotFound, ImageTooLarge, UnsupportedImage, TooSlow, UnreadableImage, UnsuitableImage, UploadUrlSpent, QuotaExceeded, StorageUnavailable];

    /// <summary>The same problem as anywhere; what it takes is no JSON.</summary>
    public static Problem Malformed =>
        BodyProblems.Malformed with { Help = "Send the image's bytes as the body, or multipart/form-data with exactly one file. Nothing was kept." };
}
