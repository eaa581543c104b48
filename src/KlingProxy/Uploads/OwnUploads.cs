using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Uploads;

/// <summary>A caller's images: what is known of one, and that it is forgotten.</summary>
internal static partial class OwnUploads
{
    public static async Task<Results<Ok<UploadView>, ProblemHttpResult>> Get(string id, Caller caller, IUploadStore store, CancellationToken cancel) =>
        await store.Find(caller.Id, id, cancel) is { } upload
            ? TypedResults.Ok(UploadView.Of(upload))
            : UploadProblems.NotFound.Because().Answer();

    public static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string id, Caller caller, IUploadStore store, ILogger<Upload> logger, CancellationToken cancel)
    {
        if (!await store.Delete(caller.Id, id, cancel))
            return UploadProblems.NotFound.Because().Answer();

        LogDeleted(logger, id);
        return TypedResults.NoContent();
    }

    [LoggerMessage(6004, LogLevel.Information, "Deleted upload {UploadId}")]
    private static partial void LogDeleted(ILogger logger, string uploadId);
}
