using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.Uploads;

using Microsoft.AspNetCore.Http.Features;

namespace KlingProxy.FalProtocol;

/// <summary>The second half of <c>storage.upload</c>: the bytes, checked on their way like those of <c>POST /v1/uploads</c>. An address takes one image; one that was refused or broke off leaves nothing, and may be sent again.</summary>
internal sealed class ReceiveUpload(KeepImage keep, IUploadStore store, UploadSeal seals)
{
    public static Task<IResult> Handle(string permit, HttpRequest request, ReceiveUpload receive, CancellationToken cancel) => receive.Handle(permit, request, cancel);

    private async Task<IResult> Handle(string permit, HttpRequest request, CancellationToken cancel)
    {
        if (await seals.OpenPermit(permit, cancel) is not { } name || await store.Find(name.CallerId, name.Id, cancel) is not null)
            return UploadsModule.UploadUrlSpent.Because();

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = keep.Limits.MaxBytes + UploadBody.Framing;
        var outcome = await keep.Handle(new Caller(name.CallerId, false), new IncomingImage(request.Body, request.ContentLength) { Id = name.Id }, cancel);
        return outcome.IsKept ? new FalAnswer(StatusCodes.Status200OK, new JsonObject()) : outcome.Refusal.AsProblem();
    }
}
