using KlingProxy.Access;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Uploads.Keeping;
using KlingProxy.Uploads.Receiving;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Uploads;

internal static class UploadImage
{
    public static async Task<Results<Created<UploadView>, ProblemHttpResult>> Handle(HttpRequest request, Caller caller, KeepImage keep, BodyPlaces places, CancellationToken cancel)
    {
        if (await places.Enter(request.HttpContext, cancel) is { } full)
            return full;
        var body = await UploadBody.Open(request, keep.Limits, cancel);
        var outcome = body.Image is { } image ? await keep.Handle(caller, image, cancel) : new ImageOutcome(body.Refusal!);
        if (outcome.WasThere)
            request.HttpContext.Response.Headers["Idempotent-Replayed"] = "true";
        if (outcome.IsKept)
            return TypedResults.Created($"/v1/uploads/{outcome.Upload.Id}", UploadView.Of(outcome.Upload));

        if (outcome.Refusal.Problem == AccessProblems.Unauthorized)
            request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
        return outcome.Refusal.AsProblem(request.HttpContext);
    }
}
