using KlingProxy.Access;
using KlingProxy.Budget;
using KlingProxy.Jobs;
using KlingProxy.Problems;

namespace KlingProxy.Uploads;

/// <summary>Images on their way into fal's storage: what they really are, whether the model takes them, whose they are.</summary>
internal static class UploadsModule
{
    public static readonly Problem
        NotFound = new("upload-not-found", 404, "There is no such upload.", "Somebody else's upload answers exactly like a missing one."),
        ImageTooLarge = new("image-too-large", 413, "The image is too large.", "The detail names the limit in bytes. Compress or shrink the image; GET /v1/models lists all limits."),
        UnsupportedImage = new("unsupported-image", 415, "This is not an image of a supported type.", "Only the bytes count, not the file's name or declared type. Convert the image to JPEG, PNG, WebP, GIF or AVIF."),
        TooSlow = new("upload-too-slow", 408, "The image came too slowly.", "The detail names the least rate, after ten seconds to get going. Nothing was kept. Send a smaller image, or try again on a better connection."),
        UnreadableImage = new("unreadable-image", 422, "The image cannot be read.", "It is damaged, cut off, or its header states no size; the detail says which. Save it again with an image editor."),
        UnsuitableImage = new("unsuitable-image", 422, "The model does not take an image like this.", "The detail names its size in pixels and the rules it breaks. Crop or enlarge it; GET /v1/models lists all limits.")
        {
            Typical = new("", "too-small", "Each side must have at least 300 pixels."),
        },
        UploadUrlSpent = new("upload-url-spent", 403, "This upload address cannot be used.", "Each takes one image, within a quarter of an hour. Ask for a new one."),
        QuotaExceeded = new("upload-quota-exceeded", 429, "You have stored enough images for today.", "The detail has the figures, and so have fields. What you stored can be used on; the same image again costs nothing. Come back after Retry-After, at 00:00 UTC."),
        StorageUnavailable = new("storage-unavailable", 503, "fal's storage could not be reached.", "Nothing was kept or spent. Try again after Retry-After.");

    /// <summary>The same problem as anywhere; what it takes is no JSON.</summary>
    public static Problem MalformedUpload => JsonBody.Malformed with { Help = "Send the image's bytes as the body, or multipart/form-data with exactly one file. Nothing was kept." };

    public static void AddUploads(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblems(NotFound, ImageTooLarge, TooSlow, UnsupportedImage, UnreadableImage, UnsuitableImage, UploadUrlSpent, QuotaExceeded, StorageUnavailable);
        builder.AddJson(UploadsJson.Default);
        builder.Services.AddSingleton<UploadGate>();
        builder.Services.AddSingleton<KeepImage>();
        builder.Services.AddSingleton<IInlineImages, InlineImages>();
    }

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        var uploads = routes.MapGroup("/v1/uploads").WithTags("Uploads").RequireAuthorization(AccessModule.Jobs);

        uploads.MapPost("/", UploadImage.Handle).WithName("CreateUpload")
            .WithSummary("Upload an image")
            .WithDescription("Checks the image's real type, size in pixels and size in bytes before it goes to fal's storage. Use the answer's url as image_url or end_image_url of a job.")
            .AddOpenApiOperationTransformer(DescribeUpload.Handle)
            .WithMetadata(UploadNotes.Create)
            .Refuses(MalformedUpload, TooSlow, ImageTooLarge, JsonBody.WrongMediaType, UnsupportedImage, UnreadableImage, UnsuitableImage, AccessModule.TooManyBodies, QuotaExceeded, JsonBody.Overloaded, BudgetModule.Frozen, StorageUnavailable);
        uploads.MapGet("/{id}", GetUpload.Handle).WithName("GetUpload")
            .WithSummary("Get an upload").WithDescription("What is known of one of your images.")
            .WithMetadata(UploadNotes.Get).Refuses(NotFound);
        uploads.MapDelete("/{id}", DeleteUpload.Handle).WithName("DeleteUpload")
            .WithSummary("Forget an upload").WithDescription("Its url is no longer known as yours. The file stays at fal until it expires there.")
            .WithMetadata(UploadNotes.Delete).Refuses(NotFound);
    }
}
