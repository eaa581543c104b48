using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Uploads;

internal static class GetUpload
{
    public static async Task<Results<Ok<UploadView>, ProblemHttpResult>> Handle(string id, Caller caller, IUploadStore store, CancellationToken cancel) =>
        await store.Find(caller.Id, id, cancel) is { } upload
            ? TypedResults.Ok(UploadView.Of(upload))
            : UploadProblems.NotFound.Because().Answer();
}
