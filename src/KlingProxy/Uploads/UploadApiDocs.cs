using KlingProxy.Http.Docs;

namespace KlingProxy.Uploads;

/// <summary>What the API description says of the routes of uploads beyond their types.</summary>
internal static class UploadApiDocs
{
    private static readonly ApiParameter Id = ApiParameter.Path("id", "The upload's id.", "^upl_[0-9a-f]{32}$");

    private static readonly UploadView Upload = new(
        "upl_c41e7a90b3d84f52a6e19d0c8b7f2356", "https://v3b.fal.media/files/b/0a8e/start.jpg", "image/jpeg", 1920, 1080, 482_133,
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", new DateTimeOffset(2026, 8, 1, 9, 29, 0, TimeSpan.Zero));

    public static readonly object[]
        Create =
        [
            new ApiResponse(201, "It is kept. Its `url` is what a job takes.", Upload),
            new ApiResponseHeader("Location", "Where the upload is to be found.", 201),
            new ApiResponseHeader("Retry-After", "Seconds until it is worth trying again.", 503),
        ],
        Get = [Id, new ApiResponse(200, "The upload.", Upload)],
        Delete = [Id, new ApiResponse(204, "It is forgotten.")];
}
