using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Uploads;

internal static partial class DeleteUpload
{
    public static async Task<Results<NoContent, ProblemHttpResult>> Handle(string id, Caller caller, IUploadStore store, ILogger<Upload> logger, CancellationToken cancel)
    {
        if (!await store.Delete(caller.Id, id, cancel))
            return UploadProblems.NotFound.Because().Answer();

        LogDeleted(logger, id);
        return TypedResults.NoContent();
    }

    [LoggerMessage(6004, LogLevel.Information, "Deleted upload {UploadId}")]
    private static partial void LogDeleted(ILogger logger, string uploadId);
}
