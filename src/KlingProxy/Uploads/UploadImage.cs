using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Http.Problems;
using KlingProxy.Uploads.Keeping;
using KlingProxy.Uploads.Receiving;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Uploads;

internal static class UploadImage
{
    public static async Task<Results<Created<UploadView>, ProblemHttpResult>> Handle(
        HttpRequest request, Caller caller, KeepImage keep, BodyPlaces places, CancellationToken cancel)
    {
        if (await places.Enter(request.HttpContext, cancel) is { } full)
            return full.Answer();
        var body = await UploadBody.Open(request, keep.Limits, cancel);
        if (body.Image is not { } image)
            return body.Refusal!.Answer();
        var outcome = await keep.Keep(caller, image, cancel);
        if (!outcome.IsGranted)
            return outcome.Refusal.Answer();

        var (upload, wasThere) = outcome.Value;
        if (wasThere)
            request.HttpContext.Response.Headers["Idempotent-Replayed"] = "true";
        return TypedResults.Created($"/v1/uploads/{upload.Id}", UploadView.Of(upload));
    }
}
