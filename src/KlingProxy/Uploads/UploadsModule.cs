using KlingProxy.Access;
using KlingProxy.Http;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Models;
using KlingProxy.Orders;
using KlingProxy.Spending;
using KlingProxy.Uploads.Keeping;
using KlingProxy.Uploads.Receiving;
using KlingProxy.Uploads.Stores;

namespace KlingProxy.Uploads;

/// <summary>Images on their way into fal's storage: what they really are, whether the model takes them, whose they are.</summary>
internal static class UploadsModule
{
    public static void AddUploads(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblems(UploadProblems.All);
        builder.AddJson(UploadsJson.Default);
        builder.Services.AddSingleton<UploadGate>();
        builder.Services.AddSingleton<KeepImage>();
        // closed: a start asks for it, and the compiler is to see its type
        builder.Services.AddSingleton<ILogger<KeepImage>>(provider => new Logger<KeepImage>(provider.GetRequiredService<ILoggerFactory>()));
        builder.Services.AddSingleton<IUploadUse, SqlUploadUse>();
        builder.Services.AddSingleton<SqlUploadStore>();
        builder.Services.AddSingleton<IUploadStore>(services => services.GetRequiredService<SqlUploadStore>());
        // In the place of those who have none: the last that is registered counts.
        builder.Services.AddSingleton<IOwnImages>(services => services.GetRequiredService<SqlUploadStore>());
        builder.Services.AddSingleton<IInlineImages, InlineImages>();
    }

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        var fields = routes.ServiceProvider.GetRequiredService<ModelCatalog>().ImageFields;
        var uploads = routes.MapGroup("/v1/uploads").WithTags("Uploads").RequireAuthorization(AccessPolicy.Jobs);

        uploads.MapPost("/", UploadImage.Handle).WithName("CreateUpload")
            .WithSummary("Upload an image")
            .WithDescription(
                "Checks the image's real type, size in pixels and size in bytes before it goes to fal's storage. "
                + $"Use the answer's url as {string.Join(" or ", fields)} of a job.")
            .AddOpenApiOperationTransformer(DescribeUpload.Describe)
            .WithMetadata(UploadApiDocs.Create)
            .Refuses(
                UploadProblems.Malformed, UploadProblems.TooSlow, UploadProblems.ImageTooLarge, BodyProblems.WrongMediaType, UploadProblems.UnsupportedImage,
                UploadProblems.UnreadableImage, UploadProblems.UnsuitableImage, AccessProblems.TooManyBodies, UploadProblems.QuotaExceeded,
                BodyProblems.Overloaded, SpendingProblems.Frozen, UploadProblems.StorageUnavailable);
        uploads.MapGet("/{id}", OwnUploads.Get).WithName("GetUpload")
            .WithSummary("Get an upload").WithDescription("What is known of one of your images.")
            .WithMetadata(UploadApiDocs.Get).Refuses(UploadProblems.NotFound);
        uploads.MapDelete("/{id}", OwnUploads.Delete).WithName("DeleteUpload")
            .WithSummary("Forget an upload").WithDescription("Its url is no longer known as yours. The file stays at fal until it expires there.")
            .WithMetadata(UploadApiDocs.Delete).Refuses(UploadProblems.NotFound);
    }
}
