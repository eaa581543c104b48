using System.Globalization;

using KlingProxy.Access;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Uploads;

internal static class UploadImage
{
    /// <summary>fal's storage is asked thrice before we give up; a client may ask again soon. In seconds.</summary>
    private const int RetryAfter = 5;

    public static async Task<Results<Created<UploadView>, ProblemHttpResult>> Handle(HttpRequest request, Caller caller, KeepImage keep, BodyPlaces places, CancellationToken cancel)
    {
        if (await places.Enter(request.HttpContext, cancel) is { } full)
            return full;
        var body = await UploadBody.Open(request, keep.Limits, cancel);
        var outcome = body.Image is { } image ? await keep.Handle(caller, image, cancel) : new ImageOutcome(body.Refusal!);
        if (outcome.IsKept)
            return TypedResults.Created($"/v1/uploads/{outcome.Upload.Id}", UploadView.Of(outcome.Upload));

        if (outcome.Refusal.Problem == UploadsModule.StorageUnavailable)
            request.HttpContext.Response.Headers.RetryAfter = RetryAfter.ToString(CultureInfo.InvariantCulture);
        if (outcome.Refusal.Problem == AccessModule.Unauthorized)
            request.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
        return outcome.Refusal.AsProblem();
    }
}
